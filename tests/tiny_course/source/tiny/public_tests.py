"""Public tests of the tiny assignment."""


def halve_test(target):
    target(1.0)


def quarter_test(target):
    target(1.0)


def double_test(target):
    target(1.0)
