"""The kinds of boundary that there are, and finding one on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

from stepgrade.sandbox.boundary import NO_BOUNDARY, Boundary, next_step
from stepgrade.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from stepgrade.sandbox.landlock import Landlock, find_landlock
from stepgrade.sandbox.refusal import SandboxUnavailable

DEFAULT_BOUNDARY = Bubblewrap.kind
BOUNDARIES: dict[str, Callable[[], Boundary]] = {Bubblewrap.kind: find_bubblewrap, Landlock.kind: find_landlock}


@cache
def find_boundary(kind: str = DEFAULT_BOUNDARY) -> Boundary:
    """Return the boundary of that kind on this machine, found by building one world in it.

    Raises
    ------
    SandboxUnavailable
        If there is none to be had; never falls back to something weaker.
    """
    if kind == NO_BOUNDARY.kind:
        return NO_BOUNDARY
    if sys.platform != "linux":
        raise SandboxUnavailable(f"student code cannot be isolated on {sys.platform}, only on Linux. {next_step()}")
    return BOUNDARIES[kind]()
