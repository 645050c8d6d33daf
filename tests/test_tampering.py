"""What is worth a look: most attacks are listed, honest work never is, and nothing of it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import pytest

from examples.hand_in import CLASS, notebook_of
from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.notebook import Cell, read_notebook
from stepgrade.report.classpage.tampering import MAX_SIGNS, Sign, signs_in_cells, signs_in_code, signs_of
from stepgrade.result import CheckResult, EndState, Outcome, QuestionResult, Repair, Result
from stepgrade.sandbox import NOT_AN_ANSWER
from tests.attacks.attack import Attack, Kind
from tests.attacks.generator import ATTACKS
from tests.conftest import ASSIGNMENT, COURSE
from tests.honest.test_honest import STYLES, Handwriting

# Attacks that a reader of text passes over: a strange value is an answer like any other, only wrong; what is nobody's
# business but the author's; and what cannot be told from honest work. None of them earns anything (tests/attacks).
NOT_LISTED = {
    Kind.FORGING: {
        "NaN everywhere",
        "a complex array",
        "a function",
        "a list that contains itself",
        "a masked array with everything masked",
        "a structured array",
        "a tuple of tuples of tuples",
        "a type whose name raises",
        "a whole number of a thousand digits",
        "an array that fits every shape by broadcasting",
        "an empty array, where nothing can differ",
        "an exception whose type name raises",
        "an object whose array method gives another array each time",
        "an object with an endless length and iterator",
        "hidden inputs are carried from one question to the next",
        "infinity everywhere",
        "nothing",
        "the arguments are changed into what was expected",
        "the input itself",
        "the text of an exception has a hundred megabytes",
        "the text of an exception raises",
        "the text of full marks",
    },
    Kind.SEARCHING: {
        "more packages are found by their folders",
        "seeds are guessed from NumPy's generator",
    },
    Kind.REACHING: set(),
    Kind.DESCRIPTORS: set(),
    Kind.WRITING: {
        "a package's file is moved away, and gets a second name that can be written",
        "shared memory is written",
        "the error stream is a file that the grader reads",
    },
    Kind.PROCESSES: {
        "a cell calls exit",
        "a pool of processes is left open",
        "a thread that never ends",
        "every child is waited for, the runner's own too",
        "work is left for the end of the process",
    },
    Kind.METADATA: {
        "cell ids repeat and clear the terminal",
        "graded cells are deleted",
        "metadata is a list",
        "metadata is null",
        "nbgrader's metadata is a text",
        "the kernel is another language's",
        "the schema is a list",
        "the schema is of the future",
    },
}


@pytest.fixture
def read(tiny: Assignment) -> Callable[[Attack], list[Sign]]:
    """``read(attack)``: what is worth a look in its cells."""
    release = json.loads(tiny.source_notebook.read_text(encoding="utf-8"))

    def signs(attack: Attack) -> list[Sign]:
        cells = read_notebook(attack.submission(release)).cells
        return [*signs_in_code(cells, tiny.source_cells), *signs_in_cells(cells, tiny.source_cells)]

    return signs


def kinds(*sources: str, release: Sequence[Cell] = ()) -> list[str]:
    """Return the kinds of what is found in code cells with these texts."""
    return [sign.what for sign in signs_in_code([Cell("code", source) for source in sources], release)]


class TestAttacks:
    @pytest.mark.parametrize("kind", NOT_LISTED)
    def test_are_listed_but_for_those_that_no_reader_of_text_can_tell(self, read, kind):
        passed_over = {attack.name for attack in ATTACKS if attack.kind is kind and not read(attack)}
        assert passed_over == NOT_LISTED[kind]

    def test_of_the_other_kinds_are_read_without_harm(self, read, tiny):
        for attack in ATTACKS:
            if attack.kind in (Kind.EXHAUSTING, Kind.BROWSER):
                assert all(sign.sentence for sign in read(attack))

    def test_are_listed_with_cell_line_and_the_line_itself(self, read):
        (patch,) = [attack for attack in ATTACKS if attack.name == "built-in functions are patched"]
        first = read(patch)[0]
        assert first == Sign(
            "replaced",
            "puts something else in the place of: builtins.isinstance",
            cell=3,
            line=2,
            source="builtins.isinstance = lambda *args: True",
        )


class TestHonestWork:
    @pytest.mark.parametrize("style", STYLES)
    def test_is_never_listed_whatever_its_handwriting(self, assignment, style):
        questions = [question.id for question in assignment.questions]
        cells = [Cell("code", source) for source in Handwriting.read(style, questions).cells(questions)]
        assert list(signs_in_code(cells, assignment.source_cells)) == []

    @pytest.mark.parametrize("path", sorted(CLASS.glob("*.py")), ids=lambda path: path.stem)
    def test_of_the_example_class_is_never_listed(self, assignment, path):
        release = COURSE / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        cells = read_notebook(nbformat.writes(notebook_of(path, release)).encode()).cells
        source = assignment.source_cells
        assert [*signs_in_code(cells, source), *signs_in_cells(cells, source)] == []

    @pytest.mark.parametrize(
        "source",
        [
            "import os\nos.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'\nprint(os.getcwd(), os.environ.get('COLAB_GPU'))",
            "import os.path, sys\nsys.path.append('..')\nsys.path.insert(0, os.path.join(os.getcwd(), 'lib'))",
            "import sys, io\nsys.stdout = io.StringIO()\nsys.setrecursionlimit(5000)",
            "import matplotlib.pyplot as plt\nplt.show = lambda: None\nplt.rcParams['figure.figsize'] = (5, 4)",
            "import warnings\nwarnings.filterwarnings('ignore')\nwarnings.showwarning = print",
            "import numpy as np\nnp.float = float\nnp.bool = bool\nnp.random.seed(1)\nnp.set_printoptions(precision=3)",
            "import numpy as np\nnp.testing.assert_allclose(np.ones(3), 1)",
            "import sys\nif 'google.colab' in sys.modules:\n    from google.colab import drive\n    drive.mount('/x')",
            "import importlib, public_tests, sys\nimportlib.reload(public_tests)\ndel sys.modules['public_tests']",
            "from IPython.core.interactiveshell import InteractiveShell\n"
            "InteractiveShell.ast_node_interactivity = 'all'",
            "get_ipython().run_line_magic('matplotlib', 'inline')\n%load_ext autoreload\n!pip install numpy",
            "import string\ndef f(string, random):\n    string.shape = (2, 3)\n    random.name = 'x'",
            "import random\nimport numpy as np\nrandom = np.random.rand(6)\nrandom.shape = (2, 3)",
            "import gc, inspect, time\ngc.collect()\nprint(inspect.getsource(print), time.time())",
            "import os\nprint(os.listdir('images'), [p for p in os.scandir('.')])\nos.makedirs('out', exist_ok=True)",
            "from pathlib import Path\nprint(list(Path('data').glob('*.h5')), Path.cwd())",
            "print('the hidden layer', 'source: a book', 'hidden')\nurl = 'https://example.org/source/solution.py'",
            "def solution(x):\n    checks = {'hidden': 1, 'source': 2}\n    return checks\nsolution(1)",
            "class Size:\n    def __eq__(self, other): return self.n == other.n\n    def __bool__(self): return True",
            "class Layer:\n    n = 0\n    def __init__(self):\n        type(self).n += 1\n        self.fork = 0",
            "from concurrent.futures import ThreadPoolExecutor\nimport threading\n"
            "def work(): print(1)\nthreading.Thread(target=work).start()",
            '"""Reads /proc/self/maps, gradebook.db and ctypes: a docstring may say anything."""',
            "# import ctypes; os._exit(0)\nx = 1  # sys.settrace(f)",
            "point = type('Point', (), {'x': 1})",
            "import json\nwith open('../data/numbers.json') as file:\n    json.load(file)",
            "this does not parse: import ctypes",
        ],
    )
    def test_that_looks_odd_is_not_listed(self, source):
        assert kinds(source) == []


class TestTheReader:
    @pytest.mark.parametrize(
        ("source", "kind"),
        [
            ("import numpy as xp\nxp.allclose = print", "replaced"),
            ("from numpy import testing as t\nt.assert_equal = print", "replaced"),
            ("import numpy as np\nother = np\nother.sum = print", "replaced"),
            ("import numpy as np\ndef f():\n    np.sum = print", "replaced"),
            ("import numpy as np\nvars(np)['sum'] = print", "replaced"),
            ("import numpy as np\nnp.__dict__['sum'] = print", "replaced"),
            ("import numpy as np\nvars(np).update(sum=print)", "replaced"),
            ("import numpy as np\nfor name in ('sum', 'all'):\n    setattr(np, name, print)", "replaced"),
            ("__builtins__.len = print", "replaced"),
            ("__builtins__['len'] = print", "replaced"),
            ("import math\nmath.pi += 1", "replaced"),
            ("import public_tests\npublic_tests.halve_test = print", "replaced"),
            ("class E:\n    __eq__ = lambda self, other: True", "always_equal"),
            ("from threading import Thread as T\nimport math\ndef f(): math.pi = 3\nT(target=f).start()", "thread"),
            ("from os import fork\nfork()", "process"),
            ("import os as system\nsystem.kill(1, 9)", "process"),
            ("__import__('ctypes').CDLL(None)", "native"),
            ("import importlib\nimportlib.import_module('socket')", "network"),
            ("from urllib.request import urlopen", "network"),
            ("import os\nos.system('ls')", "program"),
            ("import sys\nsys._getframe().f_back.f_locals", "memory"),
            ("object.__subclasses__()", "memory"),
            ("open('/proc/self/maps')", "place"),
            ("open('../../hidden/tiny/solution.py')", "place"),
            ("open(f'../submitted/{1}/x.ipynb')", "place"),
            ("!cat ../hidden/tiny/checks.py", "place"),
            ("import os\nos.listdir('/')", "folders"),
            ("from pathlib import Path\nlist(Path('/').rglob('*'))", "folders"),
            ("from unittest.mock import patch\npatch('numpy.sum', print).start()", "internals"),
            ("import stepgrade.judge", "internals"),
            ("import os\nprint([*os.environ])", "environment"),
        ],
    )
    def test_sees_through_aliases_and_forms(self, source, kind):
        assert kind in kinds(source)

    def test_knows_a_name_that_another_cell_or_the_release_imports(self):
        patch = "np.sum = print"
        assert kinds("import numpy as np", patch) == ["replaced"]
        assert kinds("import numpy as np", patch, release=[Cell("code", "import numpy as np")]) == ["replaced"]
        assert kinds(patch) == []

    def test_passes_over_what_the_release_says(self):
        cell = "import ctypes\nctypes.CDLL(None)"
        assert kinds(cell, release=[Cell("code", cell)]) == []
        assert kinds(cell.replace("None", "''"), release=[Cell("code", cell)]) == ["native"]

    def test_passes_over_text_cells(self):
        assert list(signs_in_code([Cell("markdown", "import ctypes")], ())) == []

    def test_names_what_stands_on_one_line_together(self):
        (sign,) = signs_in_code([Cell("code", "import math, os\nos.kill(os.fork(), os.abort())")], ())
        assert sign.sentence == "copies, ends or signals a process: os.abort, os.fork, os.kill"

    def test_lists_a_thing_once_per_cell(self):
        assert kinds("import os\n" + "os.fork()\n" * 9, "import os\nos.fork()") == ["process", "process"]

    @pytest.mark.parametrize(
        "source", ["y = 1" + "+1" * 30_000, "y = " + "-" * 30_000 + "1", "y = x" + ".a" * 30_000, "(" * 90_000]
    )
    def test_survives_what_is_nested_deeper_than_anybody_writes(self, source):
        assert kinds(source, "import ctypes") == ["native"]


class TestGradedCells:
    RELEASE = (
        Cell("code", "def f(): ...", "f_solution"),
        Cell("code", "f_test(f)\nprint('f')", "f", points=4.0),
        Cell("code", "g_test(g)", "g", points=6.0),
    )

    def signs(self, *changed: Cell) -> list[tuple[str, str]]:
        by_id = {cell.grade_id: cell for cell in changed}
        cells = [by_id.pop(cell.grade_id, cell) for cell in self.RELEASE] + list(by_id.values())
        return [(sign.what, sign.sentence) for sign in signs_in_cells(cells, self.RELEASE)]

    def test_that_are_the_releases_are_not_listed(self):
        assert self.signs() == []

    def test_with_a_line_more_or_less_are_not_listed(self):
        assert self.signs(Cell("code", "print(1)\nf_test( f )", "f", points=4.0)) == []
        assert self.signs(Cell("code", "# f_test(f)\n", "f", points=4.0)) == []

    def test_of_another_edition_are_not_listed(self):
        cells = [Cell("code", "h_test(h)", "h", points=50.0), Cell("code", "k", "k", points=50.0)]
        assert list(signs_in_cells(cells, self.RELEASE)) == []

    def test_that_say_other_points_are(self):
        says = "the graded cell f says that it is worth 40 points; in the release it is worth 4"
        assert self.signs(Cell("code", self.RELEASE[1].source, "f", points=40.0)) == [("points_changed", says)]

    def test_that_are_no_code_any_more_are(self):
        ((what, _),) = self.signs(Cell("raw", self.RELEASE[1].source, "f", points=4.0))
        assert what == "retyped"

    def test_that_hold_another_test_are(self):
        assert self.signs(Cell("code", "g_test(g)", "f", points=4.0)) == [
            ("swapped", "the graded cell f holds the test of g")
        ]

    def test_that_nobody_released_are(self):
        assert self.signs(Cell("code", "1", "bonus", points=90.0)) == [
            ("points_added", "the graded cell bonus says that it is worth 90 points")
        ]

    def test_copied_once_by_a_slip_are_not_listed_but_many_copies_are(self):
        copy = self.RELEASE[1]
        assert list(signs_in_cells([*self.RELEASE, copy], self.RELEASE)) == []
        (sign,) = signs_in_cells([*self.RELEASE, copy, copy], self.RELEASE)
        assert sign.sentence == "the graded cell f stands in the notebook 3 times"


def result(*questions: QuestionResult, repairs: tuple[Repair, ...] = ()) -> Result:
    return Result("tiny", "ada", EndState.CRASHED, "", questions, "5" * 64, True, "a" * 64, "", {}, repairs=repairs)


class TestWhatHappened:
    def stopped(self, reason: str) -> QuestionResult:
        check = CheckResult("one axis", Outcome.FAILED, 1, "stopped", {"reason": reason})
        return QuestionResult("halve", 0.0, 4.0, follow_through=False, checks=(check, check))

    def test_lists_once_per_question_what_was_no_answer_in_the_sandboxs_own_words(self):
        (sign,) = signs_of(result(self.stopped(NOT_AN_ANSWER)), (), ())
        assert sign == Sign("no_answer", f"while halve was asked, {NOT_AN_ANSWER}")

    @pytest.mark.parametrize("reason", ["it took too long", "its process was ended by SIGSEGV", ""])
    def test_passes_over_what_befalls_honest_work(self, reason):
        assert signs_of(result(self.stopped(reason)), (), ()) == ()

    def test_lists_processes_that_ended_themselves_in_a_call_and_in_a_cell(self, tiny, hand_in):
        leave = "import os\nos._exit(3)"
        submission = hand_in(extra=[leave], double="import os\ndef double(x):\n    os._exit(4)")
        graded = Grader(tiny).grade(submission)
        found = signs_of(graded, (), tiny.source_cells)
        assert {sign.what for sign in found} == {"ended_itself"}
        assert any("double was asked" in sign.sentence and "(exit code 4)" in sign.sentence for sign in found)
        assert any("was left out" in sign.sentence and "(exit code 3)" in sign.sentence for sign in found)

    def test_stands_behind_what_the_cells_say_and_all_of_it_is_bounded(self):
        cells = [Cell("code", f"import os\nn = {n}\nos.fork()") for n in range(MAX_SIGNS)]
        found = signs_of(result(self.stopped(NOT_AN_ANSWER)), cells[:1], ())
        assert [sign.what for sign in found] == ["process", "no_answer"]
        assert len(signs_of(result(self.stopped(NOT_AN_ANSWER)), cells, ())) == MAX_SIGNS


def test_reading_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    kinds(f"import os\nopen({str(trace)!r}, 'w').close()\nos.system('touch {trace}')")
    assert not trace.exists()
