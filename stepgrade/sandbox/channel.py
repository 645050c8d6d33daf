"""Framed messages over a socket whose other end may be hostile: every read and every write has a deadline."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from stepgrade.result import printable

MAX_HEAD_BYTES = 64 * 2**10
READ_BYTES = 64 * 2**10
_LENGTH = struct.Struct("<Q")


class ChannelTimeout(Exception):
    """The other end did not read or write in time."""


class ChannelClosed(Exception):
    """The other end is gone."""


class NotAReply(Exception):
    """What came is no message of this format, or larger than any right one."""


@dataclass(frozen=True)
class Reply:
    """What the runner answered: a few untrusted words, and opaque bytes that only the judge decodes."""

    status: str
    payload: bytes = b""
    words: dict[str, Any] = field(default_factory=dict)

    def word(self, name: str, most: int = 500) -> str:
        """Return one of the words as text of bounded length, whatever was sent."""
        value = self.words.get(name, "")
        return printable(value[:most]) if isinstance(value, str) else ""

    def word_list(self, name: str, most: int = 20) -> tuple[str, ...]:
        """Return one of the words as a bounded list of texts, whatever was sent."""
        values = self.words.get(name, ())
        texts = values[:most] if isinstance(values, list) else ()
        return tuple(printable(text[:100]) for text in texts if isinstance(text, str))

    def seconds(self, name: str, most: float) -> float:
        """Return one of the words as a duration between 0 and ``most``; ``most`` for anything else."""
        value: Any = self.words.get(name)
        return float(value) if type(value) in (int, float) and 0 <= value <= most else most

    def exit_code(self) -> int | None:
        """Return the exit code of an ended process as `subprocess` gives it (negative: a signal), if one came."""
        value = self.words.get("exit")
        return value if type(value) is int and -100 < value < 1000 else None


class Channel:
    """The grader's end of one session's socket."""

    def __init__(self, end: socket.socket, message_bytes: int) -> None:
        end.settimeout(0)
        self._socket = end
        self._message_bytes = message_bytes
        self._buffer = b""  # what arrived behind the message that was asked for
        self._position = 0  # how much of that was asked for since

    def close(self) -> None:
        self._socket.close()

    def send(self, head: dict[str, Any], payload: bytes, deadline: float) -> None:
        """Write one message before ``deadline`` (of `time.monotonic`)."""
        text = json.dumps(head | {"payload_bytes": len(payload)}).encode()
        view = memoryview(_LENGTH.pack(len(text)) + text + payload)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                _, writable, _ = select.select([], [self._socket], [], max(0.0, deadline - time.monotonic()))
                if not writable:
                    raise ChannelTimeout from None
            except (BrokenPipeError, ConnectionResetError):
                raise ChannelClosed from None

    def receive(self, deadline: float) -> Reply:
        """Read one message before ``deadline``, in bounded memory.

        The time is looked at for each, also where one after the other is there already: whoever keeps sending must
        not keep the grader reading.
        """
        if time.monotonic() > deadline:
            raise ChannelTimeout
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > MAX_HEAD_BYTES:
            raise NotAReply
        try:
            words = json.loads(self._read(length, deadline))
            status, payload_bytes = words["status"], words["payload_bytes"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise NotAReply from None
        if not (type(payload_bytes) is int and 0 <= payload_bytes <= self._message_bytes):
            raise NotAReply
        return Reply(printable(str(status)[:50]), self._read(payload_bytes, deadline), words)

    def _read(self, n_bytes: int, deadline: float) -> bytes:
        start, end = self._position, self._position + n_bytes
        if end <= len(self._buffer):
            self._position = end
            return self._buffer[start:end]
        chunks, arrived = [self._buffer[start:]], len(self._buffer) - start
        while arrived < n_bytes:
            if time.monotonic() > deadline:
                raise ChannelTimeout
            try:
                chunk = self._socket.recv(max(n_bytes - arrived, READ_BYTES))
            except BlockingIOError:
                readable, _, _ = select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))
                if not readable:
                    raise ChannelTimeout from None
                continue
            except ConnectionResetError:
                raise ChannelClosed from None
            if not chunk:
                raise ChannelClosed
            chunks.append(chunk)
            arrived += len(chunk)
        data = b"".join(chunks)
        self._buffer, self._position = data[n_bytes:], 0
        return data[:n_bytes]
