"""Builds one world, and says how it ended, or what it could do that it must not: ``python probe.py SETTINGS``."""

import importlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import world


def probe(settings):
    kind = importlib.import_module(settings["worlds"])
    kind.enter(settings)
    report, report_end = os.pipe()
    said, channel = os.pipe()
    pid = kind.open_world(channel, report_end, settings, getattr(kind, "prove", world.say_it_holds))
    os.close(report_end)
    os.close(channel)
    ending = kind.close_world(pid, report, wait=True)
    told = os.read(said, 500)
    if told == world.IT_HOLDS:
        sys.stdout.write(ending)
    else:  # what could be done that must not, else what failed
        sys.stdout.write(told.decode() or ending.partition("failed ")[2] or "a world ended before anything was tried")


if __name__ == "__main__":
    try:
        probe(json.loads(sys.argv[1]))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}" if isinstance(error, ImportError) else str(error))
