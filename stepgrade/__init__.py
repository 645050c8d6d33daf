"""A graded Jupyter assignment kit with an autograder people can trust."""

__version__ = "0.1.0"
