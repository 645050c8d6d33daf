"""Packages that are there but not read yet: a fork is the cheaper, the less the process holds that it is made of.

The standard library's `importlib.util.LazyLoader` does not do here: it reads a module at the second ``import`` of it,
and a package as soon as a module within it is imported, which every notebook's first cell does.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
import threading
import types

_LOCK = threading.RLock()


class Postponed(types.ModuleType):
    """A module that is read when a name is asked for that it does not have yet.

    It has what can be told without reading it, but for ``__path__``: whatever is imported from within a package may
    need that the package has been read.
    """

    def __getattr__(self, name):
        with _LOCK:
            if type(self) is Postponed:
                _read(self)
        return getattr(self, name)


def postpone(name):
    """Have a module stand in ``sys.modules`` unread, and the packages that it lies in."""
    package, _, inner = name.rpartition(".")
    if package:
        postpone(package)
    if name in sys.modules or (package and package not in sys.modules):
        return
    spec = importlib.machinery.PathFinder.find_spec(name, _path_of(package))
    if spec is None:
        return  # whoever imports it is told so
    sys.modules[name] = module = Postponed(name)
    vars(module).update(vars(importlib.util.module_from_spec(spec)))
    vars(module).pop("__path__", None)
    if package:
        setattr(sys.modules[package], inner, module)


def import_alone(name):
    """Import a module without reading the packages that it lies in, whose contents it must not need."""
    package = name.rpartition(".")[0]
    postpone(package)
    while package:
        if package in sys.modules:
            sys.modules[package].__path__ = _path_of(package)
        package = package.rpartition(".")[0]
    importlib.import_module(name)


def _path_of(package):
    return sys.modules[package].__spec__.submodule_search_locations if package else None


def _read(module):
    """Execute a module in place, its package first; if that fails, the next who asks tries again."""
    package = sys.modules.get(module.__name__.rpartition(".")[0])
    if type(package) is Postponed:
        _read(package)
    module.__class__ = types.ModuleType
    try:
        path = module.__spec__.submodule_search_locations
        if path is not None:
            module.__path__ = path
        module.__spec__.loader.exec_module(module)
    except BaseException:
        module.__class__ = Postponed
        vars(module).pop("__path__", None)
        raise
