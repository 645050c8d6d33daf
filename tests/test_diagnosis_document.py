"""A diagnosis travels as JSON: what is read is what was written, whatever numbers a wrong function returned."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stepgrade.diagnose import Diagnosis, Example, Misconception, Reading, from_json, to_json

FLIPPED = Misconception("filter_flipped", "It is turned.", "4. One step", ("filter_flipped/channels_too",))
FORGOTTEN = Misconception("bias_forgotten", "The bias is missing.", "4. One step")
IGNORED = Misconception("pad_ignored", "Nothing is padded.", "3. Zero padding")


def example(got, expected, reading=None):
    return Example(("x = 1", "print(double(x))"), "double: y differs", "", "y", (0, 1), got, expected, reading)


def travelled(diagnosis):
    (arrived,) = from_json(to_json([diagnosis]))
    return arrived


def refused(constant):
    raise AssertionError(f"{constant} is no JSON")


ARRAYS = [
    pytest.param(np.array([[1.5, -0.0], [1e-300, 0.1 + 0.2]]), id="float64"),
    pytest.param(np.array([np.nan, np.inf, -np.inf, 1.0]), id="NaN and infinities"),
    pytest.param(np.array([0.1, np.nan], np.float32), id="float32"),
    pytest.param(np.array([0.1, np.inf], np.float16), id="float16"),
    pytest.param(np.array([[0.5], [np.nan]], np.longdouble), id="extended precision"),
    pytest.param(np.array([2**63 - 1, -(2**63)]), id="int64"),
    pytest.param(np.array([2**64 - 1], np.uint64), id="uint64"),
    pytest.param(np.array([[True, False, True]]), id="truth values"),
    pytest.param(np.array(2.5), id="without axes"),
    pytest.param(np.zeros((2, 0, 3)), id="empty"),
    pytest.param(np.zeros((0,), bool), id="empty, of truth values"),
    pytest.param(np.arange(12.0).reshape(3, 4)[:, ::2], id="not contiguous"),
]


@pytest.mark.parametrize("array", ARRAYS)
def test_every_array_arrives_as_it_was(array):
    arrived = travelled(Diagnosis("double", (), example(array, None))).example.got
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(arrived, array)
    if array.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(arrived), np.signbit(array))


@pytest.mark.parametrize("array", ARRAYS)
def test_it_is_json_for_every_reader(array):
    json.loads(to_json([Diagnosis("double", (), example(array, array))]), parse_constant=refused)


def test_what_a_number_is_made_from_arrives_as_it_was():
    reading = Reading("A_prev", np.arange(6).reshape(2, 3), np.eye(2, 3, dtype=bool), np.zeros((2, 3), bool))
    arrived = travelled(Diagnosis("double", (FLIPPED,), example(np.ones(2), np.zeros(2), reading))).example.reading
    assert arrived.name == "A_prev"
    for name in ("values", "read", "expected"):
        one, other = getattr(arrived, name), getattr(reading, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "diagnosis",
    [
        Diagnosis("double"),
        Diagnosis("double", (FLIPPED,)),
        Diagnosis("double", (FLIPPED, FORGOTTEN)),
        Diagnosis("double", (), Example(("print(double(1))",), "double raised é", "ValueError: ...")),
    ],
)
def test_what_holds_no_array_arrives_equal(diagnosis):
    assert travelled(diagnosis) == diagnosis


def test_no_diagnosis_at_all_is_a_document_too():
    assert from_json(to_json([])) == ()


def test_several_arrive_in_their_order():
    several = [Diagnosis("double"), Diagnosis("halve", (FLIPPED,)), Diagnosis("double")]
    assert list(from_json(to_json(several))) == several


def test_equal_ones_are_written_alike():
    one, other = (Diagnosis("double", (FLIPPED,), example(np.array([np.nan, 1]), np.ones(2))) for _ in range(2))
    assert to_json([one]) == to_json([other]) == to_json(from_json(to_json([one])))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="without a schema"),
        pytest.param('{"schema": "stepgrade/diagnosis/0", "questions": []}', id="another schema"),
        pytest.param('{"schema": "stepgrade/diagnosis/1"}', id="without questions"),
        pytest.param('{"schema": "stepgrade/diagnosis/1", "questions": 3}', id="a number of questions"),
        pytest.param('{"schema": "stepgrade/diagnosis/1", "questions": ["double"]}', id="a name of a question"),
        pytest.param('{"schema": "stepgrade/diagnosis/1", "questions": [{"question": "double"}]}', id="a part of one"),
    ],
)
def test_what_is_no_such_document_is_refused(text):
    with pytest.raises(ValueError, match=r"diagnosis|JSON|Expecting"):
        from_json(text)


@pytest.mark.parametrize("key", ["code", "index", "got", "reading"])
def test_an_example_without_its_parts_is_refused(key):
    document = json.loads(to_json([Diagnosis("double", (), example(np.ones(2), None))]))
    document["questions"][0]["example"][key] = 3
    with pytest.raises(ValueError, match="not a diagnosis"):
        from_json(json.dumps(document))


# What it says


def test_nothing_recognised_says_nothing():
    assert (Diagnosis("double").name, Diagnosis("double").sentence) == ("", "")


def test_one_misconception_says_its_sentence_and_what_to_read_again():
    assert Diagnosis("double", (FLIPPED,)).name == "filter_flipped"
    assert Diagnosis("double", (FLIPPED,)).sentence == "It is turned. Read again: 4. One step."


def test_two_misconceptions_say_both_and_name_a_section_once():
    both = Diagnosis("double", (FLIPPED, FORGOTTEN))
    assert both.name == "filter_flipped+bias_forgotten"
    assert both.sentence == "It is turned. The bias is missing. Read again: 4. One step."
    other = Diagnosis("double", (FLIPPED, IGNORED))
    assert other.sentence == "It is turned. Nothing is padded. Read again: 4. One step; 3. Zero padding."
