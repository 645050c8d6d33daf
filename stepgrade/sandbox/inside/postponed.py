"""Packages that are there but not read yet: a fork is the cheaper, the less the process holds that it is made of.

The standard library's `importlib.util.LazyLoader` does not do here: it reads a module at the second ``import`` of it,
and a package as soon as a module within it is imported, which every notebook's first cell does.

A thread that uses a module while another one reads it can see a part of it: to wait for the other could be to wait
for ever, since both may hold locks of the import system.
"""

import importlib
import importlib.machinery
import importlib.util
import logging  # noqa: F401 - so that its lock is taken after ours, see below
import os
import sys
import threading
import types

_LOCK = threading.RLock()
# A fork has one thread: a lock that another one holds would be held there for ever. What registers last is asked first:
# logging, which registered before, takes its own lock when it has ours already, as a thread does that reads a package.
os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class Postponed(types.ModuleType):
    """A module that is read when a name is asked for that it does not have yet, or anything is changed in it.

    It has what can be told without reading it, but for ``__path__``: whatever is imported from within a package may
    need that the package has been read.
    """

    def __getattr__(self, name):
        _ensure_read(self)
        return types.ModuleType.__getattribute__(self, name)

    def __setattr__(self, name, value):
        _ensure_read(self)
        types.ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name):
        _ensure_read(self)
        types.ModuleType.__delattr__(self, name)

    def __dir__(self):
        _ensure_read(self)
        return types.ModuleType.__dir__(self)


def postpone(name):
    """Have a module stand in ``sys.modules`` unread, and the packages that it lies in."""
    for module in _stand_ins(name):
        _leave_unread(module)


def import_alone(name):
    """Import a module without reading the packages that it lies in, whose contents it must not need.

    They must not have been postponed before.
    """
    known = set(sys.modules)
    list(_stand_ins(name.rpartition(".")[0]))
    importlib.import_module(name)
    for new in sys.modules.keys() - known:
        if hasattr(sys.modules[new], "__path__"):
            _leave_unread(sys.modules[new])


def _stand_ins(name):
    """Yield modules that are new in ``sys.modules`` and empty: the packages that ``name`` lies in, and itself."""
    package, _, inner = name.rpartition(".")
    if package:
        yield from _stand_ins(package)
    if name in sys.modules or (package and package not in sys.modules):
        return
    path = sys.modules[package].__spec__.submodule_search_locations if package else None
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if spec is None:
        return  # whoever imports it is told so
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    if package:
        vars(sys.modules[package])[inner] = module
    yield module


def _become(kind, module):
    object.__setattr__(module, "__class__", kind)


def _leave_unread(module):
    _become(Postponed, module)
    vars(module).pop("__path__", None)


def _ensure_read(module):
    with _LOCK:
        if type(module) is Postponed:
            _read(module)


def _read(module):
    """Execute a module in place, its package first; if that fails, the next who asks tries again."""
    package = sys.modules.get(module.__name__.rpartition(".")[0])
    if type(package) is Postponed:
        _read(package)
    if type(module) is not Postponed:  # its package has read it
        return
    _become(types.ModuleType, module)
    try:
        path = module.__spec__.submodule_search_locations
        if path is not None:
            module.__path__ = path
        module.__spec__.loader.exec_module(module)
    except BaseException:
        _leave_unread(module)
        raise
