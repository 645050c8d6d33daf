"""Attacks that look for the solution: on the disk, in the import path, in memory, in the caller's frames."""

from __future__ import annotations

from tests.attacks.attack import Attack, Kind, answering, winning


def _search(name: str, cell: str, **more: object) -> Attack:
    return winning(name, Kind.SEARCHING, cell, **more)


IMPORTS = (
    "hidden.tiny.solution", "hidden.cnn_step_by_step.solution", "solution", "checks", "helpers", "stepgrade",
    "stepgrade.judge", "tests.implementations", "public_tests", "scipy.signal", "torch", "tensorflow", "sklearn",
    "autograd", "nbgrader", "nbformat", "jupytext", "pip", "pytest", "sqlalchemy",
)  # fmt: skip

ATTACKS = (
    _search(
        "everything that knows an answer is imported",
        f"import importlib\nfor name in {IMPORTS!r}:\n"
        "    try:\n        won = bool(importlib.import_module(name))\n        break\n"
        "    except ImportError:\n        pass",
    ),
    _search(
        "the disk is walked for the solution, the checks and the gradebook",
        "wanted = {'solution.py', 'checks.py', 'misconceptions.py', 'gradebook.db', 'result.json'}\n"
        "for folder, folders, files in os.walk('/'):\n"
        "    folders[:] = set(folders) - {'numpy', 'matplotlib', 'IPython', 'test'}\n"
        "    won = won or not wanted.isdisjoint(files) or 'hidden' in folders",
    ),
    _search(
        "notebooks and other students' files are looked for",
        "for folder, folders, files in os.walk('/'):\n"
        "    folders[:] = set(folders) - {'numpy', 'matplotlib', 'IPython', 'test'}\n"
        "    won = won or 'submitted' in folders or any(name.endswith('.ipynb') for name in files)",
    ),
    _search(
        "the working directory and its parents are searched",
        "import glob\n"
        "for path in ('.', '..', '../..', '../../..', os.path.expanduser('~')):\n"
        "    for depth in ('*', '*/*', '*/*/*'):\n"
        "        for name in ('solution.py', 'checks.py', '*.ipynb'):\n"
        "            won = won or bool(glob.glob(f'{path}/{depth}/{name}'))",
    ),
    _search(
        "more packages are found by their folders",
        "import glob\n"
        "for root in ('/usr/lib', '/usr/local/lib', '/opt', '/root', '/home', sys.base_prefix):\n"
        "    for depth in ('', '*/', '*/*/', '*/*/*/'):\n"
        "        won = won or bool(glob.glob(f'{root}/{depth}*-packages/*'))",
    ),
    _search(
        "the objects in the interpreter's memory are searched",
        "import gc\n"
        "gc.unfreeze()\n"
        "for item in gc.get_objects():\n"
        "    name = getattr(item, '__name__', '') if callable(item) else ''\n"
        "    if isinstance(name, str) and name.endswith('_reference') or type(item).__name__ == 'Specification':\n"
        "        won = True",
    ),
    _search(
        "the process's own memory is read through /proc",
        "import re\nneedle = re.compile(rb'def halve_[r]eference')\n"
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:\n"
        "    for line in maps:\n"
        "        first, last = (int(part, 16) for part in line.split()[0].split('-'))\n"
        "        memory.seek(first)\n"
        "        won = won or bool(needle.search(memory.read(min(last - first, 1 << 24))))",
    ),
    _search(
        "the process's own memory is read address by address",
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        "import re\nneedle = re.compile(rb'def halve_[r]eference')  # which does not find itself\n"
        "reading, writing = os.pipe()\n"
        "start = id(object()) & ~0xfff\n"
        "for page in range(-2048, 2048):\n"
        "    got = libc.write(writing, ctypes.c_void_p(start + 4096 * page), ctypes.c_size_t(4096))\n"
        "    if got > 0 and needle.search(os.read(reading, got)):\n"
        "        won = True",
    ),
    _search(
        "compiled files of the solution are looked for",
        "import glob\n"
        "for depth in ('', '*/', '*/*/', '*/*/*/', '*/*/*/*/'):\n"
        "    for name in ('solution', 'checks'):\n"
        "        won = won or bool(glob.glob(f'/{depth}__pycache__/{name}.*'))",
    ),
    _search(
        "arguments, environment and path say where the course is",
        "text = ' '.join([*sys.argv, *sys.orig_argv, *sys.path, *os.environ, *os.environ.values(), os.getcwd()])\n"
        "won = any(word in text for word in ('hidden', 'source', 'course', 'gradebook', 'secret', 'SECRET'))",
    ),
    Attack(
        "the caller's frames are searched for what is expected",
        Kind.SEARCHING,
        ("import sys",),
        answering(
            "frame = sys._getframe()\n"
            "while frame:\n"
            "    for name, value in frame.f_locals.items():\n"
            "        if name in ('expected', 'reference', 'spec', 'case', 'solution'):\n"
            "            return value(x) if callable(value) else value\n"
            "    frame = frame.f_back\n"
            "return 0 * x"
        ),
    ),
    Attack(
        "seeds are guessed from NumPy's generator",
        Kind.SEARCHING,
        ("import numpy as np\nstate = np.random.get_state()[1][0]",),
        answering("np.random.seed(state)\nreturn np.random.normal(size=x.shape)"),
    ),
    Attack(
        "the text of the running test is read",
        Kind.SEARCHING,
        ("import inspect, linecache, sys",),
        answering(
            "for frame in inspect.stack():\n"
            "    source = ''.join(linecache.getlines(frame.filename))\n"
            "    if 'expected =' in source and 'reference' in source:\n"
            "        return 0.5 * x\n"
            "return 0 * x"
        ),
    ),
    Attack(
        "an import hook waits for the solution to pass by",
        Kind.SEARCHING,
        (
            "import builtins, sys\n"
            "caught = []\n"
            "class Hook:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        caught.append(name)\n"
            "sys.meta_path.insert(0, Hook())\n"
            "sys.addaudithook(lambda event, args: caught.append(str(args)) if event == 'exec' else None)",
        ),
        answering("return 0.5 * x if any('reference' in text or 'solution' in text for text in caught) else 0 * x"),
    ),
)
