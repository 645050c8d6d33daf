"""Misconceptions in the public tests: named to a student whose function has exactly one, and to nobody else.

``public_tests.py`` holds no wrong implementation, only fingerprints of what those of the catalogue give.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import public_tests
from stepgrade.diagnose import Catalogue
from tests import implementations
from tests.conftest import COURSE
from tests.honest.test_honest import REFUSED_BY_NUMPY, STYLES, everybody
from tests.test_public_tests import FUNCTIONS, PUBLIC_TESTS, STRIDE, check, message, notebook, unwrapped

every_question = pytest.mark.parametrize("question", FUNCTIONS)

RANDOM = "The same input gives another result each time"
KB = 1000


@pytest.fixture(scope="session")
def make_fingerprints(hidden):
    return hidden("make_fingerprints")


@pytest.fixture(scope="session")
def catalogues(hidden):
    return hidden("misconceptions").CATALOGUES


@pytest.fixture
def imitate(catalogues):
    """``imitate(question, *names)``: the function of somebody with these misconceptions."""
    return lambda question, *names: catalogues[question].imitate(frozenset(names))


@pytest.fixture
def named(catalogues):
    """``named(question, function)``: the misconceptions whose sentences stand in what the public test says."""

    def said_of(question, function):
        try:
            check(question, function)
        except Exception as error:
            said = unwrapped(" ".join([str(error), *getattr(error, "__notes__", ())]))
        else:
            return set()
        return {each.name for each in catalogues[question].misconceptions if each.sentence in said}

    return said_of


@pytest.fixture(scope="session")
def between_the_markers(make_fingerprints):
    text = PUBLIC_TESTS.read_text(encoding="utf-8")
    return text.partition(make_fingerprints.BEGIN)[2].partition(make_fingerprints.END)[0]


@pytest.fixture(scope="session")
def built(make_fingerprints):
    return make_fingerprints.block(public_tests)


@pytest.fixture(scope="session")
def left_out(built):
    return built[1]


# What is named


@every_question
def test_each_misconception_is_named_and_no_other_of_its_question(catalogues, imitate, named, left_out, question):
    names = [each.name for each in catalogues[question].misconceptions]
    expected = {name: set() if (question, name) in left_out else {name} for name in names}
    assert {name: named(question, imitate(question, name)) for name in names} == expected


def test_all_but_two_of_the_catalogue_are_named(catalogues, left_out):
    assert sum(len(catalogue.misconceptions) for catalogue in catalogues.values()) - len(left_out) >= 159
    assert left_out["conv_backward", "random_start"] == "it gives other numbers every time"


def test_the_section_to_read_again_stands_below_the_sentence(catalogues, imitate):
    for question, name, section in [
        ("conv_forward", "bias_in_every_product", "4. One step"),
        ("pool_backward", "divided_by_f", "7.3 Sharing an average"),
    ]:
        with pytest.raises(AssertionError) as caught:
            check(question, imitate(question, name))
        assert f"\nRead again: {section}.\n" in str(caught.value)


def test_below_an_exception_the_note_names_it():
    said = message("conv_forward", ("// stride + 1", "+ 1"))
    assert said.startswith("operands could not be broadcast together")
    assert "n_H and n_W are computed as if stride were 1" in unwrapped(said)
    assert said.endswith("\nRead again: 5. The forward pass.")


CORNERS = ("vert_start:vert_end, horiz_start:horiz_end", "horiz_start:horiz_end, vert_start:vert_end")
SIZES = ("n_H = (n_H_prev", "n_H = (n_W_prev"), ("n_W = (n_W_prev", "n_W = (n_H_prev")
STRIDE_IS_F = ("h * stride", "h * f"), ("w * stride", "w * f")
F_IS_STRIDE = ("vert_start + f", "vert_start + stride"), ("horiz_start + f", "horiz_start + stride")
AS_LOOPS = [
    ("conv_forward", "stride_as_window_side", F_IS_STRIDE),
    ("conv_forward", "window_side_as_stride", [*STRIDE_IS_F, ("// stride", "// f")]),
    ("conv_forward", "stride_for_pad", [("2 * pad", "2 * stride")]),
    ("conv_forward", "unpadded_sliced", [("A_prev_pad[i", "A_prev[i")]),
    ("conv_forward", "pad_counted_once", [("+ 2 * pad", "+ pad")]),
    ("conv_forward", "sizes_swapped", SIZES),
    ("conv_forward", "corners_swapped", [CORNERS]),
    ("conv_forward", "first_channel_only", [("horiz_end, :]", "horiz_end, :1]"), ("W[:, :, :, c]", "W[:, :, :1, c]")]),
    ("conv_forward", "depth_of_input", [("W.shape[0], W.shape[3]", "W.shape[0], W.shape[2]")]),
    (
        "conv_forward",
        "integer_output",
        [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C), A_prev.dtype)")],
    ),
    ("pool_forward", "sizes_swapped", SIZES),
    ("pool_forward", "stride_ignored_in_size", [("// stride", "")]),
    ("pool_forward", "over_all_channels", [("+ f, c]", "+ f, :]")]),
    ("pool_forward", "maximum_from_zero", [("np.max(window)", "max(0, np.max(window))")]),
    ("conv_backward", "end_at_minus_pad", [("pad : pad + n_H_prev, pad : pad + n_W_prev", "pad:-pad, pad:-pad")]),
    ("conv_backward", "window_side_as_stride", STRIDE_IS_F),
    ("conv_backward", "corners_swapped", [CORNERS]),
    ("conv_backward", "dW_from_unpadded", [("window = A_prev_pad", "window = A_prev")]),
    ("conv_backward", "all_overwritten", [("] +=", "] =")]),
    ("conv_backward", "integer_gradients", [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)")]),
    ("pool_backward", "window_side_as_stride", STRIDE_IS_F),
    ("pool_backward", "corners_swapped", [CORNERS]),
    ("pool_backward", "window_of_dA", [("* dA[i, h, w, c]", "* dA[i, vert_start:vert_end, horiz_start:horiz_end, c]")]),
    ("pool_backward", "integer_gradient", [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)")]),
]


@pytest.mark.parametrize(("question", "name", "changes"), AS_LOOPS, ids=[" ".join(row[:2]) for row in AS_LOOPS])
def test_it_is_named_in_plain_loops_as_well(named, question, name, changes):
    """These were not written for the catalogue: they raise, or give nan, where loops do."""
    assert named(question, notebook(*((question, old, new) for old, new in changes))[question]) == {name}


def test_numbers_rounded_to_float32_are_recognised():
    zeros = "np.zeros((m, n_H, n_W, n_C)"
    said = message("conv_forward", *STRIDE, (zeros, f"{zeros}, np.float32"))
    assert "The windows start one pixel apart" in said


def test_sums_in_another_order_are_recognised():
    source = inspect.getsource(implementations.conv_backward_vectorised).replace("dW = np", "dW = 1 / len(dZ) * np")
    namespace = dict(vars(implementations))
    exec(source, namespace)  # noqa: S102
    with pytest.raises(AssertionError, match=r"dW is divided by m\. It is a sum over the examples"):
        check("conv_backward", namespace["conv_backward_vectorised"])


# What is not named

OTHERWISE_WRONG = [
    ("zero_pad", [("(0, 0)))", "(0, 0)), constant_values=1)")]),
    ("zero_pad", [("(pad, pad), (pad, pad)", "(pad, pad), (0, pad)")]),
    ("zero_pad", [("X_pad = np", "if pad == 0: raise ValueError('pad must not be 0')\n    X_pad = np")]),
    ("conv_single_step", [("b.item()", "int('one')")]),
    ("conv_single_step", [("np.sum", "np.prod")]),
    ("conv_single_step", [("return Z", "return Z * (1 + 1e-5)")]),
    ("conv_forward", [("return Z", "return Z[::-1]")]),
    ("conv_forward", [("// stride + 1", "// stride + 2")]),
    ("conv_forward", [("b[:, :, :, c]", "b[:, :, :, -1]")]),
    ("conv_forward", [("b[:, :, :, c]", "0 * b[:, :, :, c]"), *STRIDE]),
    ("pool_forward", [("np.max(window)", "np.median(window)")]),
    ("pool_forward", [("np.mean(window)", "np.mean(window) + 1")]),
    ("conv_backward", [("return dA_prev, dW, db", "return dA_prev, dW, -db")]),
    ("conv_backward", [("return dA_prev, dW, db", "return dW, dA_prev, db")]),
    ("conv_backward", [("    A_prev_pad = ", "    assert A_prev.dtype != int\n    A_prev_pad = ")]),
    ("create_mask_from_window", [("x == np.max(x)", "x >= np.mean(x)")]),
    ("create_mask_from_window", [("return mask", "mask[0] = False; return mask")]),
    ("distribute_value", [("dz / ", "int(dz) / ")]),
    ("distribute_value", [("return a", "return np.abs(a)")]),
    ("pool_backward", [("dA[i, h, w, c]", "dA[i, 0, 0, c]")]),
    ("pool_backward", [("return dA_prev", "return dA_prev / 2")]),
]


@pytest.mark.parametrize(("question", "changes"), OTHERWISE_WRONG)
def test_a_function_that_is_wrong_in_another_way_is_told_of_no_misconception(named, question, changes):
    target = notebook(*((question, old, new) for old, new in changes))[question]
    assert named(question, target) == set()


@every_question
def test_two_misconceptions_are_never_taken_for_a_third(make_fingerprints, catalogues, imitate, question):
    cases = make_fingerprints.cases_of(public_tests, question)
    sentences = {each.name: each.sentence for each in catalogues[question].misconceptions}
    for pair in itertools.combinations(sentences, 2):
        try:
            function = imitate(question, *pair)
        except ValueError:
            continue  # they exclude each other
        told = public_tests._misconception(question, function, cases).split("\n")[0]
        if told not in ("", *map(sentences.get, pair)):
            third = next(name for name, sentence in sentences.items() if sentence == told)
            assert (pair, third) in TOGETHER_THE_SAME


# dz over the height, over the number of cells, times the number of cells; and dW and db are all that is averaged.
TOGETHER_THE_SAME = [
    (("divided_by_height", "divided_twice"), "square_assumed"),
    (("dW_averaged", "db_averaged"), "averaged_over_examples"),
]


def test_what_is_like_no_misconception_is_not_called_with_later_inputs():
    """It could hang there, after its fault was found."""
    pads = []

    def zero_pad(X, pad):
        pads.append(pad)
        return X + 1

    with pytest.raises(AssertionError, match="X_pad has shape"):
        check("zero_pad", zero_pad)
    assert set(pads) == {1}
    assert len(pads) <= 4


def test_what_a_function_prints_is_printed_once(capsys):
    with pytest.raises(AssertionError, match="Height and width must grow by pad"):
        check("zero_pad", lambda X, pad: sys.stdout.write("padding\n") and X)
    assert capsys.readouterr().out == "padding\n"


@pytest.mark.parametrize("start", ["dA_prev = np.zeros(A_prev.shape)", "dW = np.zeros(W.shape)"])
def test_a_random_start_is_told_by_its_other_result_each_time(named, start):
    change = (start, start.replace("np.zeros(", "np.random.randn(*"))
    assert RANDOM in unwrapped(message("conv_backward", change))
    assert named("conv_backward", notebook(("conv_backward", *change))["conv_backward"]) == set()


def test_below_a_broken_helper_no_misconception_is_named():
    namespace = notebook(("conv_single_step", " + b.item()", ""))
    with pytest.raises(AssertionError) as caught:
        check("conv_forward", namespace["conv_forward"])
    assert str(caught.value).startswith("mend conv_single_step first: ")
    assert "biases" not in str(caught.value)


endless: list[object] = []
endless.append(endless)
ODD = [endless, "text", 10**400, 1e300, np.nan, np.array(["a"]), np.array([None]), np.array(2j), {"a": {1}}, object()]


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
@every_question
def test_odd_results_fail_as_any_other(named, question, value):
    assert named(question, lambda *_: value) == set()


@every_question
def test_fingerprints_of_another_number_of_inputs_are_passed_over(make_fingerprints, catalogues, question):
    cases = make_fingerprints.cases_of(public_tests, question)[:-1]
    for misconception in catalogues[question].misconceptions:
        function = catalogues[question].imitate(frozenset([misconception.name]))
        assert public_tests._misconception(question, function, cases) == ""


# Right work


def public_failures():
    _, hands = everybody()
    failures = []
    for style, question in itertools.product(STYLES, FUNCTIONS):
        try:
            check(question, hands[style][question])
        except Exception as error:
            failures.append((style, question, str(error)))
    return failures


def test_right_work_in_any_handwriting_passes():
    # Spawned: what students' cells do to matplotlib, logging or warnings stays out of this process.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        failures = pool.submit(public_failures).result()
    refused = {(style, question) for style, questions in REFUSED_BY_NUMPY.items() for question in questions}
    assert {failure[:2] for failure in failures} == refused, failures


# The block


def test_writing_the_block_again_gives_the_committed_one(built, between_the_markers):
    """Word for word, but for the last digit of a fingerprint, where another machine may round otherwise."""
    again = "run python -m hidden.cnn_step_by_step.make_fingerprints"
    assert len(built[0].splitlines()) == len(between_the_markers.splitlines()), again
    words = zip(built[0].split(), between_the_markers.split(), strict=True)
    assert [pair for pair in words if not public_tests._alike(*pair)] == [], again


def test_the_script_writes_the_public_tests_and_their_copies(make_fingerprints, between_the_markers, tmp_path, capsys):
    for path in (make_fingerprints.PUBLIC_TESTS, *make_fingerprints.COPIES):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("stale")
    stale = PUBLIC_TESTS.read_text().replace(between_the_markers, '_SECTIONS = {}\n_MISCONCEPTIONS = ""\n')
    (tmp_path / "public_tests.py").write_text(stale)
    make_fingerprints.main(["--course", str(tmp_path)])
    written = [tmp_path / path for path in (make_fingerprints.PUBLIC_TESTS, *make_fingerprints.COPIES)]
    assert len({path.read_bytes() for path in written}) == 1
    assert written[0].read_text().splitlines()[:700] == PUBLIC_TESTS.read_text().splitlines()[:700]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == list(map(str, written))
    assert "left out: conv_backward random_start, it gives other numbers every time" in lines[3:]


def test_the_copies_are_those_of_source_and_release(make_fingerprints):
    assert {(COURSE / path).read_bytes() for path in make_fingerprints.COPIES} == {PUBLIC_TESTS.read_bytes()}


def test_public_tests_without_markers_are_refused(make_fingerprints):
    with pytest.raises(ValueError, match="the public tests need the two lines '# Generated by"):
        make_fingerprints.rewritten("import numpy as np\n", "")


def test_public_tests_that_a_right_function_fails_are_refused(make_fingerprints):
    with pytest.raises(ValueError, match="zero_pad: a right function fails the public test"):
        make_fingerprints.fingerprints(public_tests, "zero_pad", Catalogue((), lambda _names: lambda X, pad: X))


def test_misconceptions_that_give_the_same_on_all_public_inputs_are_left_out(make_fingerprints, catalogues):
    first, second, *_ = catalogues["zero_pad"].misconceptions
    reasons = make_fingerprints.not_named(public_tests, "zero_pad", {first: ["0001", "."], second: ["9999", "."]})
    assert reasons == {
        first.name: f"on the public inputs it is {second.name}",
        second.name: f"on the public inputs it is {first.name}",
    }


def test_the_block_holds_no_code_and_is_small(between_the_markers):
    sections, misconceptions = [ast.literal_eval(node.value) for node in ast.parse(between_the_markers).body]
    assert list(sections) == ["3", "4", "5", "6", "7.1", "7.2", "7.3", "7.4"]
    rows = [line for line in misconceptions.splitlines() if line.startswith(" ")]
    assert all(re.fullmatch(r"  [a-z_]+ +[\d.]+ +( *(\.|!\d{3}|\d{4}))+", row) for row in rows)
    assert len("\n".join(rows)) < 12 * KB
    assert len(between_the_markers) < 30 * KB


def test_no_name_of_a_misconception_is_told(catalogues):
    text = PUBLIC_TESTS.read_text()
    names = {each.name for catalogue in catalogues.values() for each in catalogue.misconceptions if "_" in each.name}
    assert {name for name in names if name in text} == set()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("4821", "4823", True),
        ("4821", "4824", False),
        ("0000", "9998", True),
        (".", ".", True),
        (".", "0000", False),
        ("!482", "!482", True),
        ("!482", "!483", False),
        ("!482", "0482", False),
    ],
)
def test_two_fingerprints_may_differ_in_the_last_digit_by_rounding(one, other, alike):
    assert public_tests._alike(one, other) is alike
    assert public_tests._alike(other, one) is alike
