"""Names for reports that others may read: the same for a student in every run, and nobody can tell whose."""

from __future__ import annotations

import hashlib
import hmac
import secrets

LABEL = "pseudonym"  # tells these apart from the seeds, which derive from the same secret
LETTERS = 12  # 48 bits: among ten thousand students, two of one name once in a million courses


class Pseudonyms:
    """Calls students by a keyed hash of their name.

    Parameters
    ----------
    secret : bytes or None
        The course secret. Without one a key is drawn that is forgotten at the end: the public demo key would let
        everybody who knows a class list compute who is who.
    assignment : str
        Its pseudonyms tell nothing about those in another one.
    """

    def __init__(self, secret: bytes | None, assignment: str) -> None:
        self._key = secret or secrets.token_bytes(32)
        self._assignment = assignment

    def __call__(self, student: str) -> str:
        text = "\0".join((LABEL, self._assignment, student))
        return "student-" + hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:LETTERS]
