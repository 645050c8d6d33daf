"""Which question may call which function of another, and right versions of those as text, for follow-through."""

from __future__ import annotations

HELPERS: dict[str, tuple[str, ...]] = {"center": ()}
SOURCE: dict[str, str] = {}
