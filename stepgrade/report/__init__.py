"""What people read after the marks: tables and pages made from Results."""
