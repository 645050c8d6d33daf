"""Every small change to a right answer costs points, be it the hidden solution or the notebook's; or it stands here.

A mutant is run as a student's work and judged against the solution as it is.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from stepgrade.judge.verdict import Examination
from stepgrade.result import Outcome
from tests.mutants import Mutant, mutants
from tests.test_public_tests import FUNCTIONS

SEEDS = [f"{number:02x}" * 32 for number in range(2)]

# Why a change costs nothing.
GUARD = "the error handling, which is not asked for"
ORDER = "the order does not matter"
DTYPE = "another float dtype, or whole numbers where nothing but whole numbers went in: both are taken"
COPY = "a copy more or less, or another layout in memory"
NUMBER = "an np.float64 is a number; to NumPy 2.3, an array of one entry is another"
UNUSED = "a name that is not read, or bound again before it is"
DEFAULT = "this is what NumPy does by itself"
FILLED = "every entry is written"
ONE = "there is one entry, the first and the last"
SQUARE = "filters have as many rows as columns"

SURVIVORS = {
    ("solution.py", "zero_pad"): {
        "if False: instead of if pad < 0:": GUARD,
        "if pad < -1:": GUARD,
        "X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))": DTYPE,
    },
    ("solution.py", "conv_single_step"): {
        "if False: instead of if a_slice_prev.shape != W.shape:": GUARD,
        "if False: instead of if b.size != 1:": GUARD,
        "products = np.multiply(W, a_slice_prev, dtype=_float_dtype(a_slice_prev, W, b))": ORDER,
        "products = np.multiply(a_slice_prev, W)": DTYPE,
        "products = np.multiply(a_slice_prev, W, dtype=_float_dtype(W, a_slice_prev, b))": ORDER,
        "products = np.multiply(a_slice_prev, W, dtype=_float_dtype(a_slice_prev, b, W))": ORDER,
        "products = np.multiply(a_slice_prev, W, dtype=_float_dtype(a_slice_prev, W))": DTYPE,
        "return products.sum() + b.item()": NUMBER,
        "return float(products.sum() + b)": NUMBER,
    },
    ("solution.py", "conv_forward"): {
        "pass instead of _require_matching_filters(A_prev, W)": GUARD,
        "A_prev": GUARD,
        "if False: instead of if b.shape != (1, 1, 1, n_C):": GUARD,
        "f, n_C = (W.shape[1], W.shape[3])": SQUARE,
        "Z = np.tensordot(windows, W.astype(_float_dtype(A_prev, W, b)), axes=3)": COPY,
        "Z = np.tensordot(windows, W.astype(_float_dtype(A_prev, W, b), copy=True), axes=3)": COPY,
        "Z = np.tensordot(windows, W.astype(_float_dtype(W, A_prev, b), copy=False), axes=3)": ORDER,
        "Z = np.tensordot(windows, W.astype(_float_dtype(A_prev, b, W), copy=False), axes=3)": ORDER,
        "Z = np.tensordot(windows, W.astype(_float_dtype(A_prev, W), copy=False), axes=3)": DTYPE,
    },
    ("solution.py", "pool_forward"): {
        "pass instead of _require_mode(mode)": GUARD,
        "mode": GUARD,
        "return (windows.max(axis=(4, 3)), cache)": ORDER,
        "return (windows.mean(axis=(4, 3), dtype=_float_dtype(A_prev)), cache)": ORDER,
        "return (windows.mean(axis=(3, 4)), cache)": DEFAULT,
    },
    ("solution.py", "conv_backward"): {
        "pass instead of _require_matching_filters(A_prev, W)": GUARD,
        "A_prev": GUARD,
        "pass instead of _require_shape('dZ', dZ, (*windows.shape[:3], W.shape[3]))": GUARD,
        "'dZ'": GUARD,
        "_require_shape('dZ_', dZ, (*windows.shape[:3], W.shape[3]))": GUARD,
        "windows = _windows(A_pad, W.shape[1], stride)": SQUARE,
        "pass instead of dZ = dZ.astype(_float_dtype(dZ, A_prev, W), copy=False)": DTYPE,
        "dZ = dZ": DTYPE,
        "dZ = dZ.astype(_float_dtype(dZ, A_prev), copy=False)": DTYPE,
        "dZ = dZ.astype(_float_dtype(dZ, A_prev, W))": COPY,
        "dZ = dZ.astype(_float_dtype(dZ, A_prev, W), copy=True)": COPY,
        "dZ = dZ.astype(_float_dtype(A_prev, dZ, W), copy=False)": ORDER,
        "dZ = dZ.astype(_float_dtype(dZ, W, A_prev), copy=False)": ORDER,
        "positions = (1, 0, 2)": ORDER,
        "positions = (0, 2, 1)": ORDER,
        "return (dA_prev, dW, db)": COPY,
    },
    ("solution.py", "create_mask_from_window"): {"return np.equal(x.max(), x)": ORDER},
    ("solution.py", "pool_backward"): {
        "pass instead of _require_mode(mode)": GUARD,
        "mode": GUARD,
        "pass instead of _require_shape('dA', dA, (m, n_H, n_W, n_C))": GUARD,
        "'dA'": GUARD,
        "_require_shape('dA_', dA, (m, n_H, n_W, n_C))": GUARD,
        "per_window = dA[:, :, :, None, None, :]": DTYPE,
        "per_window = dA.astype(_float_dtype(dA), copy=False)[:, :, :, None, None, :]": DTYPE,
        "per_window = dA.astype(_float_dtype(A_prev, dA), copy=False)[:, :, :, None, None, :]": ORDER,
        "per_window = dA.astype(_float_dtype(dA, A_prev))[:, :, :, None, None, :]": COPY,
        "per_window = dA.astype(_float_dtype(dA, A_prev), copy=True)[:, :, :, None, None, :]": COPY,
        "d_windows = np.where(windows == windows.max(axis=(4, 3), keepdims=True), per_window, 0)": ORDER,
    },
    ("solution.py", "_windows"): {
        "if False: instead of if stride < 1:": GUARD,
        "if False: instead of if f < 1:": GUARD,
        "if False: instead of if f > min(n_H_prev, n_W_prev):": GUARD,
        "if f < 1:": GUARD,
        "if stride < 1:": GUARD,
        "if stride < 0:": GUARD,
        "if f < 0:": GUARD,
        "if stride > min(n_H_prev, n_W_prev):": GUARD,
        "if f > n_H_prev:": GUARD,
        "if f > max(n_H_prev, n_W_prev):": GUARD,
        "if f > min(n_W_prev, n_W_prev):": GUARD,
        "if f > min(n_H_prev, n_H_prev):": GUARD,
        "if f > min(n_W_prev, n_H_prev):": ORDER,
        "n_W_prev, n_H_prev = X.shape[1:3]": ORDER,
    },
    ("solution.py", "_add_windows"): {"dX = np.zeros(shape)": DTYPE},
    ("solution.py", "_float_dtype"): {
        "return np.dtype(np.float64)": DTYPE,
        "return dtype if dtype.kind == 'f_' else np.dtype(np.float64)": DTYPE,
        "return dtype if dtype.kind == 'f' else np.float64": DEFAULT,
    },
    ("solution.py", "_require_matching_filters"): {
        "f_W, f, n_C_prev, _ = W.shape": ORDER,
        "if False: instead of if f != f_W:": GUARD,
        "if False: instead of if A_prev.shape[3] != n_C_prev:": GUARD,
    },
    ("solution.py", "_require_shape"): {"if False: instead of if gradient.shape != expected:": GUARD},
    ("solution.py", "_require_mode"): {
        "if False: instead of if mode not in ('max', 'average'):": GUARD,
        "if mode not in ('average', 'max'):": ORDER,
    },
    ("notebook", "zero_pad"): {
        "X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), constant_values=0)": DEFAULT,
        "X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant')": DEFAULT,
    },
    ("notebook", "conv_single_step"): {"Z = np.sum(products) + b.item()": NUMBER},
    ("notebook", "conv_forward"): {
        "m, n_H_prev, n_W_prev, n_C = A_prev.shape": UNUSED,
        "f, f, n_C, n_C = W.shape": UNUSED,
        "f, stride, n_C_prev, n_C = W.shape": UNUSED,
        "stride, f, n_C_prev, n_C = W.shape": UNUSED,
        "Z = np.ones((m, n_H, n_W, n_C))": FILLED,
        "Z[i, h, w, c] = conv_single_step(W[:, :, :, c], a_slice_prev, b[:, :, :, c])": ORDER,
    },
    ("notebook", "pool_forward"): {"A = np.ones((m, n_H, n_W, n_C))": FILLED},
    ("notebook", "conv_backward"): {
        "n_C, n_H_prev, n_W_prev, n_C_prev = A_prev.shape": UNUSED,
        "m, n_H_prev, n_W_prev, n_C = A_prev.shape": UNUSED,
        "f, f, n_C, n_C_prev = W.shape": UNUSED,
        "f, f, n_C, n_C = W.shape": UNUSED,
        "f, f, n_C_prev, m = W.shape": UNUSED,
        "f, f, n_C_prev, n_C_prev = W.shape": UNUSED,
        "n_C, n_H, n_W, n_C = dZ.shape": UNUSED,
        "m, n_H, n_W, n_C_prev = dZ.shape": UNUSED,
        "db[-1, 0, 0, c] += dZ[i, h, w, c]": ONE,
        "db[0, -1, 0, c] += dZ[i, h, w, c]": ONE,
        "db[0, 0, -1, c] += dZ[i, h, w, c]": ONE,
    },
    ("notebook", "distribute_value"): {"n_W, n_H = shape": ORDER},
}
# float() of an array is an error from NumPy 2.4 on.
KILLED_BY_NUMPY = {"return float(products.sum() + b)"} if np.lib.NumpyVersion(np.__version__) >= "2.4.0" else set()


@pytest.fixture(scope="session")
def sources(assignment):
    """The two right answers, each as one module."""
    cells = [cell for cell in assignment.source_cells if (cell.grade_id or "").endswith("_solution")]
    return {
        "solution.py": (assignment.hidden_dir / "solution.py").read_text(encoding="utf-8"),
        "notebook": "\n\n".join(["import numpy as np", *(cell.source for cell in cells)]),
    }


@pytest.fixture(scope="session")
def examinations(hidden):
    """By seed and question: an examination for each single check, so that a mutant need not be asked all of them."""

    def remembering(reference):
        known = {}

        def answer(*arguments):
            key = tuple(map(id, arguments))  # the examinations keep the arguments alive
            if key not in known:
                known[key] = reference(*arguments)
            return known[key]

        return answer

    def single(question, specification, seed):
        reference = remembering(specification.reference)
        return [
            Examination(question, replace(specification, reference=reference, checks=(check,)), seed)
            for check in specification.checks
        ]

    specifications = hidden("checks").QUESTIONS
    return {seed: {name: single(name, s, seed) for name, s in specifications.items()} for seed in SEEDS}


@pytest.fixture
def loses_points(examinations, answering):
    """``loses_points(mutant, seed)``: some check fails a function of the mutant."""

    def fails(examination, functions):
        calls = answering(functions)(examination.function, examination.calls)
        (result,) = examination.results(iter(calls))
        assert result.outcome is not Outcome.ERROR, result.message
        return result.outcome is Outcome.FAILED

    def judged(mutant, seed):
        functions = mutant.functions()
        questions = [mutant.function] if mutant.function in FUNCTIONS else list(FUNCTIONS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return any(fails(examination, functions) for name in questions for examination in examinations[seed][name])

    return judged


@pytest.mark.parametrize(("source", "at_least"), [("solution.py", 600), ("notebook", 700)])
def test_every_mutant_loses_points_with_every_seed_or_is_listed(sources, loses_points, source, at_least):
    made = list(mutants(sources[source]))
    surviving = defaultdict(set)
    for mutant in made:
        if not all(loses_points(mutant, seed) for seed in SEEDS):
            surviving[source, mutant.function].add(mutant.change)
    listed = {place: set(changes) - KILLED_BY_NUMPY for place, changes in SURVIVORS.items() if place[0] == source}
    assert surviving == listed
    assert len(made) >= at_least


def test_what_is_not_changed_loses_nothing(sources, loses_points):
    for name, source in sources.items():
        for function in FUNCTIONS:
            unchanged = Mutant(function, "", compile(source, name, "exec", dont_inherit=True))
            assert not any(loses_points(unchanged, seed) for seed in SEEDS)


def test_what_is_changed_is_one_thing_at_a_time():
    source = '''def cut(x, n=1):
    """Return what is left."""
    if n < 0:
        raise ValueError(f"n is {n - 1}")
    rest = x[n:] - np.max(x, axis=0)
    return rest[:, ::2]
'''
    assert [mutant.change for mutant in mutants(source)] == [
        "def cut(x, n=2):",
        "def cut(x, n=0):",
        "if True: instead of if n < 0:",
        "if False: instead of if n < 0:",
        "if n <= 0:",
        "if n >= 0:",
        "if n < 1:",
        "if n < -1:",
        "pass instead of rest = x[n:] - np.max(x, axis=0)",
        "rest = x[n:] + np.max(x, axis=0)",
        "rest = np.max(x, axis=0) - x[n:]",
        "rest = x[n:]",
        "rest = np.max(x, axis=0)",
        "rest = x[:] - np.max(x, axis=0)",
        "rest = x[n:] - np.max(x)",
        "rest = x[n:] - x",
        "rest = x[n:] - np.min(x, axis=0)",
        "rest = x[n:] - np.max(x, axis=1)",
        "rest = x[n:] - np.max(x, axis=-1)",
        "return rest[::2, :]",
        "return rest[:, :]",
        "return rest[:, ::3]",
        "return rest[:, ::1]",
    ]
