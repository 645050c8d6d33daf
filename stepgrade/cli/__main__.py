from stepgrade.cli import main

main()
