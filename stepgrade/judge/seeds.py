"""Seeds: different values per student, the same for a repeated run.

course_seed = HMAC(course secret, assignment, student); each check draws from HMAC(course_seed, question/check).
A Result carries the course_seed, so it can be replayed without the secret.
"""

from __future__ import annotations

import hmac

import numpy as np

DEMO_KEY = b"stepgrade demo key: anyone can know it"


def course_seed(secret: bytes | None, assignment: str, student: str) -> str:
    """Return the seed of one student's submission as 64 hexadecimal digits; without a secret, the demo key's."""
    return _hmac(secret or DEMO_KEY, assignment, student).hex()


def generator(seed: str, question_id: str, check_id: str) -> np.random.Generator:
    """Return the generator that makes the cases of one check; independent of all other checks."""
    digest = _hmac(bytes.fromhex(seed), question_id, check_id)
    # What NumPy makes of the same number as an int, in a third of the time.
    words = np.frombuffer(digest[::-1], "<u4").astype(np.uint32)
    return np.random.Generator(np.random.PCG64(words))


def _hmac(key: bytes, *parts: str) -> bytes:
    # The separator cannot occur in a name, so ("ab", "c") and ("a", "bc") differ.
    return hmac.digest(key, "\0".join(parts).encode(), "sha256")
