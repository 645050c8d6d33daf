"""The helpers that a question may be judged with in place of the student's own.

A function such as ``conv_forward`` calls functions of earlier questions. It is judged with the student's
own helpers first. Only where that is not full, it is judged once more, in a separate fork of the student's
session, with the helpers of this module, so that a slip in ``zero_pad`` is not paid for twice. The better
of the two counts.

They are kept as plain source text because they are carried into a session that must hold nothing else of
ours. A function taken from ``solution.py`` would bring along its module, and with it the answers to all
other questions; a pickled one would tie the sandbox to one version of Python. Text shows exactly what
crosses the border. Each text

- runs in an empty namespace, needs nothing but NumPy, and defines one function and no other name. The import
  stands inside the function, so that no ``np`` appears in a session whose owner forgot to import it;
- is the shortest right version, not that of ``solution.py``: whoever reads it learns of no other question;
- takes what students may pass: the bias as a (1, 1, 1) array or as a number, ``dz`` as a number or as an
  array of one entry, integers and float32 (products, sums and shares are formed in float64);
- returns what most spellings can go on with: ``conv_single_step`` returns a ``numpy.float64``, which is a
  Python float that has ``.item()`` besides.
"""

from __future__ import annotations

# Question -> the functions of other questions that it may call.
HELPERS: dict[str, tuple[str, ...]] = {
    "zero_pad": (),
    "conv_single_step": (),
    "conv_forward": ("zero_pad", "conv_single_step"),
    "pool_forward": (),
    "conv_backward": ("zero_pad",),
    "create_mask_from_window": (),
    "distribute_value": (),
    "pool_backward": ("create_mask_from_window", "distribute_value"),
}

# Helper -> its source text.
SOURCE: dict[str, str] = {
    "zero_pad": '''\
def zero_pad(X, pad):
    """Surround height and width of a batch (m, n_H, n_W, n_C) with `pad` zeros on each side."""
    import numpy as np

    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
''',
    "conv_single_step": '''\
def conv_single_step(a_slice_prev, W, b):
    """Return the sum of a window times one filter, plus its bias: a number."""
    import numpy as np

    return np.multiply(a_slice_prev, W, dtype=np.float64).sum() + np.asarray(b, dtype=np.float64).item()
''',
    "create_mask_from_window": '''\
def create_mask_from_window(x):
    """Return True wherever the window x holds its maximum, False elsewhere."""
    import numpy as np

    return np.equal(x, np.max(x))
''',
    "distribute_value": '''\
def distribute_value(dz, shape):
    """Return an array of the shape (n_H, n_W) whose equal entries add up to dz."""
    import numpy as np

    n_H, n_W = shape
    return np.full((n_H, n_W), np.asarray(dz).item() / (n_H * n_W))
''',
}
