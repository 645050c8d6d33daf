"""Values as bytes: what goes out comes back, and nothing forged gets in."""

from __future__ import annotations

import gc
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stepgrade.judge.wire import MAX_DEPTH, Foreign, MalformedMessage, decode, encode
from stepgrade.sandbox.inside import runner

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
).filter(lambda value: _depth(value) < MAX_DEPTH)
arrays = hnp.arrays(
    dtype=st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    elements={"allow_nan": False},
)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else 0


def _message(node: object, blobs: bytes = b"") -> bytes:
    head = json.dumps(node).encode()
    return struct.pack("<I", len(head)) + head + blobs


@given(plain)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


@given(arrays)
def test_an_array_comes_back_with_its_values_shape_and_dtype(array):
    back = decode(encode(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert np.array_equal(back, array)


@given(arrays)
def test_the_runner_speaks_the_same_format_in_both_directions(array):
    there = runner.decode(encode((array, 3, {"stride": 2})))
    back = decode(runner.message_of(there))
    assert np.array_equal(back[0], array)
    assert back[1:] == (3, {"stride": 2})


def test_a_view_of_a_larger_array_arrives_in_the_runner_as_such_a_view():
    view = np.arange(12.0).reshape(3, 4)[:, ::2]
    arrived = runner.decode(encode(view))
    assert np.array_equal(arrived, view)
    assert not arrived.flags.c_contiguous


def test_what_is_sent_goes_without_the_garbage_collector():
    value = (np.zeros(3), [1, {"stride": 2}])
    encode(value)
    gc.collect()
    encode(value)
    assert gc.collect() == 0


def test_a_numpy_scalar_stays_a_scalar_and_a_0d_array_an_array():
    assert isinstance(decode(runner.message_of(np.float64(2.5))), np.float64)
    assert isinstance(decode(runner.message_of(np.array(2.5))), np.ndarray)


@pytest.mark.parametrize("value", [object(), 1 + 2j, {1: 2}, np.array(["x"]), np.array([None]), lambda: None])
def test_what_is_not_plain_arrives_as_the_name_of_its_type(value):
    assert isinstance(decode(runner.message_of(value)), Foreign)


def test_an_array_subclass_arrives_as_an_ordinary_array():
    class Always(np.ndarray):
        def __eq__(self, other):
            return True

    arrived = decode(runner.message_of(np.zeros(3).view(Always)))
    assert type(arrived) is np.ndarray


ARRAY = {"t": "array", "dtype": "<f8", "shape": [2], "scalar": False}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x01", id="half a length"),
        pytest.param(struct.pack("<I", 10**6) + b"{}", id="a head that is longer than the message"),
        pytest.param(_message("text"), id="a node that is no object"),
        pytest.param(_message({"t": "object", "v": 1}), id="an unknown kind"),
        pytest.param(_message({"t": "int", "v": "1e9"}), id="a number that is no number"),
        pytest.param(_message({"t": "int", "v": "9" * 5000}), id="a number of 5000 digits"),
        pytest.param(_message({"t": "bool", "v": "yes"}), id="a truth value that is text"),
        pytest.param(_message({"t": "dict", "v": [[1, {"t": "none"}]]}), id="a key that is no text"),
        pytest.param(_message(ARRAY), id="an array without its bytes"),
        pytest.param(_message(ARRAY, b"\0" * 17), id="left-over bytes"),
        pytest.param(_message(ARRAY | {"shape": [10**15]}, b"\0" * 16), id="a shape of a petabyte"),
        pytest.param(_message(ARRAY | {"shape": [2**32, 2**32]}, b""), id="a shape that overflows"),
        pytest.param(_message(ARRAY | {"shape": [0, *[2**26] * 7]}), id="an empty shape with sides that overflow"),
        pytest.param(_message(ARRAY | {"shape": [-2]}, b"\0" * 16), id="a negative side"),
        pytest.param(_message(ARRAY | {"shape": [True, 2]}, b"\0" * 16), id="a side that is a truth value"),
        pytest.param(_message(ARRAY | {"dtype": "|O8"}, b"\0" * 16), id="an array of objects"),
        pytest.param(_message(ARRAY | {"dtype": "<f7"}, b"\0" * 16), id="a dtype that does not exist"),
        pytest.param(_message(ARRAY | {"dtype": "<U4"}, b"\0" * 32), id="an array of text"),
        pytest.param(_message([[]] * 3), id="a list as the root"),
    ],
)
def test_a_forged_message_is_refused(message):
    with pytest.raises(MalformedMessage):
        decode(message)


def test_a_head_that_would_take_much_memory_to_be_read_is_refused_unread(monkeypatch):
    monkeypatch.setattr("stepgrade.judge.wire.json", None)
    with pytest.raises(MalformedMessage, match="a head of"):
        decode(_message({"t": "none", "x": [{}] * 400_000}))


def test_a_deeply_nested_message_is_refused():
    node: dict = {"t": "none"}
    for _ in range(MAX_DEPTH + 2):
        node = {"t": "list", "v": [node]}
    with pytest.raises(MalformedMessage):
        decode(_message(node))
    with pytest.raises(MalformedMessage):
        decode(struct.pack("<I", 10**5) + b"[" * 10**5)
