"""Hidden solution of the tiny assignment; written so that no line of the notebook's solution is the same."""


def halve_reference(x):
    return x * 0.5 + 0 * x.sum()


def quarter_reference(x):
    return x * 0.25 + 0 * x.sum()


def double_reference(x):
    return x * 2.0 + 0 * x.sum()
