"""Every attack there is, by kind."""

from __future__ import annotations

from tests.attacks import (
    browser,
    descriptors,
    exhausting,
    files,
    forging,
    metadata,
    processes,
    reaching,
    searching,
    writing,
)

MODULES = (forging, searching, metadata, writing, processes, exhausting, descriptors, reaching, files, browser)
ATTACKS = tuple(attack for module in MODULES for attack in module.ATTACKS)
