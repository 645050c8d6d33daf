"""A question's version changes when the hidden code that decides its marks may have changed, and else stays."""

from __future__ import annotations

import ast
import dis
import importlib
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from stepgrade.errors import StepgradeError
from stepgrade.judge import judge
from stepgrade.result import Outcome
from stepgrade.versions import question_versions
from tests.conftest import ASSIGNMENT, COURSE

REAL = COURSE / "hidden" / ASSIGNMENT
QUESTIONS = (
    "zero_pad", "conv_single_step", "conv_forward", "pool_forward", "conv_backward", "create_mask_from_window",
    "distribute_value", "pool_backward",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A copy of the real assignment's hidden folder."""
    return Path(shutil.copytree(REAL, tmp_path / "real", ignore=shutil.ignore_patterns("__pycache__")))


def changed(folder, edit, questions=QUESTIONS):
    """Return the questions whose version ``edit()`` changes."""
    before = question_versions(folder, questions)
    edit()
    after = question_versions(folder, questions)
    return {question for question in questions if before[question] != after[question]}


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


REAL_EDITS = {
    "a check's weight": (
        "checks.py", "stride 2 with padding, a row or column is left over\",\n            6",
        "stride 2\",\n            7",
        {"conv_forward"},
    ),
    "a shared generator": (
        "checks.py", "return -1 - rng.random(size=shape)", "return -2 - rng.random(size=shape)",
        {"pool_forward", "create_mask_from_window", "pool_backward"},
    ),
    "a generator that generators use": (
        "checks.py", "(rng.permutation(size) - size // 2)", "(rng.permutation(size) - size // 3)",
        set(QUESTIONS) - {"distribute_value"},
    ),
    "a generator whose name a local variable bears elsewhere": (
        "checks.py", "sign = 1 if number % 2 == 0 else -1", "sign = -1 if number % 2 == 0 else 1", {"conv_single_step"},
    ),
    "a constant": ("checks.py", '{"cache": ("A_prev", "hparameters")}', '{"cache": ("A_prev",)}', {"pool_backward"}),
    "a solution that others call": (
        "solution.py", "if pad < 0:", "if pad < -1:", {"zero_pad", "conv_forward", "conv_backward"},
    ),
    "a solution that nothing else calls": (
        "solution.py", "np.equal(x, x.max())", "x == x.max()", {"create_mask_from_window"},
    ),
    "a helper's source": (
        "helpers.py", "    return np.equal(x, np.max(x))", "    return x == np.max(x)", {"pool_backward"},
    ),
    "a helper of two questions": (
        "helpers.py", "return np.pad(X,", "return np.pad( X,", {"conv_forward", "conv_backward"},
    ),
    "the helpers of a question": (
        "helpers.py", '"conv_backward": ("zero_pad",)', '"conv_backward": ()', {"conv_backward"},
    ),
    "a comment": ("solution.py", "# Zeros and one assignment take", "# One assignment takes", set()),
    "a docstring": ("solution.py", '"""Share one number', '"""Share a number', set()),
    "a module's docstring": ("checks.py", '"""The hidden checks of the assignment', '"""The checks', set()),
    "layout": (
        "solution.py", "return np.equal(x, x.max())", "return np.equal(\n\n        x,\n        x.max(),\n    )", set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), REAL_EDITS.values(), ids=REAL_EDITS)
def test_an_edit_of_the_real_assignment_changes_the_questions_that_it_concerns(folder, file, old, new, expected):
    assert changed(folder, lambda: replaced(folder / file, old, new)) == expected


def test_no_two_questions_share_a_version():
    versions = question_versions(REAL, QUESTIONS)
    assert len(set(versions.values())) == len(QUESTIONS)
    assert all(len(version) == 64 for version in versions.values())


def test_a_version_depends_neither_on_the_place_of_the_folder_nor_on_the_other_questions(folder):
    assert question_versions(folder, QUESTIONS) == question_versions(REAL, QUESTIONS)
    assert (
        question_versions(REAL, ["conv_forward"])["conv_forward"] == question_versions(REAL, QUESTIONS)["conv_forward"]
    )


def test_a_module_written_anew_from_its_syntax_tree_gives_the_same_versions(folder):
    def rewrite():
        for name in ("checks", "solution", "helpers"):
            path = folder / f"{name}.py"
            path.write_text(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))), encoding="utf-8")

    assert changed(folder, rewrite) == set()


def test_modules_that_no_question_reaches_do_not_count(folder):
    def write():
        (folder / "misconceptions.py").write_text("from . import solution\n")
        (folder / f"{ASSIGNMENT}.py").write_text("# another text form\n")

    assert changed(folder, write) == set()


def test_the_limits_count_for_every_question(folder):
    assert changed(folder, lambda: (folder / "limits.toml").write_text("[call]\ncpu_s = 3\n")) == set(QUESTIONS)


class Tracer:
    """Which top-level statements of a hidden folder matter for a question, told by the interpreter and its bytecode.

    A statement is (module, first line). Used as a profile function it collects in ``running`` the statements whose
    functions run, and in ``built_by`` those that run while a statement is being imported.
    """

    def __init__(self, folder):
        self.folder = folder
        self.running = set()
        self.built_by = defaultdict(set)
        self.starts, self.binders = {}, defaultdict(set)
        for path in folder.glob("*.py"):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            self.starts[path.stem] = [node.lineno for node in body]
            for node in body:
                for step in dis.get_instructions(compile(ast.Module([node], []), "", "exec")):
                    if step.opname == "STORE_NAME":
                        self.binders[path.stem, step.argval].add((path.stem, node.lineno))

    def __call__(self, frame, event, _):
        if event != "call" or not self.is_hidden(frame) or frame.f_code.co_name == "<module>":
            return
        ran = self.statements(frame, frame.f_code.co_firstlineno)
        self.running |= ran
        while frame and not (self.is_hidden(frame) and frame.f_code.co_name == "<module>"):
            frame = frame.f_back
        if frame:
            (importing,) = self.statements(frame, frame.f_lineno, read=False)
            self.built_by[importing] |= ran

    def is_hidden(self, frame):
        return Path(frame.f_code.co_filename).parent == self.folder

    def statements(self, frame, line, *, read=True):
        """Return the statement at a line, and those that bind the global names which the frame's code reads."""
        module = Path(frame.f_code.co_filename).stem
        names = globals_read(frame.f_code) if read else ()
        here = (module, max(start for start in self.starts[module] if start <= line))
        return {here}.union(*(self.binders[module, name] for name in names))


def globals_read(code):
    names = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(globals_read(constant) for constant in code.co_consts if isinstance(constant, CodeType)))


def statements_that_matter(folder, answering):
    """Judge every question against its own solution, and return question -> the statements that mattered."""
    package = ModuleType("hidden_traced")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package
    tracer = Tracer(folder)
    source = (folder / "checks.py").read_text(encoding="utf-8")
    codes = {node.lineno: compile(ast.Module([node], []), "", "exec") for node in ast.parse(source).body}
    matter = {}
    sys.setprofile(tracer)
    try:
        checks, solution = (importlib.import_module(f"{package.__name__}.{name}") for name in ("checks", "solution"))
        for question, specification in checks.QUESTIONS.items():
            tracer.running = set()
            call = answering({question: getattr(solution, question)})
            results = judge(question, specification, call, "5e" * 32)
            assert {result.outcome for result in results} == {Outcome.PASSED}
            (name,) = (name for name, value in vars(checks).items() if value is specification)
            (described,) = tracer.binders["checks", name]
            read = (tracer.binders["checks", name] for name in globals_read(codes[described[1]]))
            matter[question] = tracer.running.union(tracer.built_by[described], {described}, *read)
    finally:
        sys.setprofile(None)
        for name in [name for name in sys.modules if name.startswith(package.__name__)]:
            del sys.modules[name]
    return matter


def alter(node):
    """Change a statement in place; its names stay."""
    if isinstance(node, ast.FunctionDef):
        node.body.append(ast.Pass())
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        node.value = ast.Subscript(ast.Tuple([node.value], ast.Load()), ast.Constant(0), ast.Load())
    else:
        node.names.append(ast.alias("altered"))


@pytest.mark.slow
def test_altering_any_statement_changes_every_question_for_which_it_runs(folder, answering):
    matter = statements_that_matter(folder, answering)
    assert tuple(sorted({module for module, _ in matter["conv_forward"]})) == ("checks", "solution")
    assert min(map(len, matter.values())) > 5
    before = question_versions(folder, QUESTIONS)
    altered = 0
    for module in ("checks", "solution", "helpers"):
        path = folder / f"{module}.py"
        text = path.read_text(encoding="utf-8")
        for number, statement in enumerate(ast.parse(text).body):
            if isinstance(statement, ast.Expr):
                continue  # the module's docstring
            tree = ast.parse(text)
            alter(tree.body[number])
            path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
            after = question_versions(folder, QUESTIONS)
            same = {question for question in QUESTIONS if before[question] == after[question]}
            needed = {question for question in QUESTIONS if (module, statement.lineno) in matter[question]}
            assert not same & needed, f"{module}.py, line {statement.lineno}"
            altered += 1
        path.write_text(text, encoding="utf-8")
    assert altered > 60


# The rules, each on a folder of a few lines with the questions a and b.

CHECKS = """
from stepgrade.judge import Case, Check, Specification, Values
from . import solution

def question(name, reference, cases):
    return Specification(name, ("x",), ("y",), reference, (Check("c", "c", 1, cases, Values("y")),))

def cases_a(rng):
    return [Case({"x": 1})]

def cases_b(rng):
    return [Case({"x": 2})]

QUESTIONS = {"a": question("a", solution.a, cases_a), "b": question("b", solution.b, cases_b)}
"""
SOLUTION = """
TOLERANCE = 1

def a(x):
    return x

def b(x):
    return x + TOLERANCE
"""
HELPERS = """
HELPERS = {"b": ("a",)}
SOURCE = {"a": "def a(x): return x", "z": "def z(x): return x"}
"""
OTHER = "NUMBER = 7\n\ndef scale(x):\n    return x\n"


@pytest.fixture
def tiny(tmp_path):
    """``tiny(checks=..., solution=..., ...)`` writes a folder; what is given stands behind the usual text."""

    def written(**more):
        usual = {"checks": CHECKS, "solution": SOLUTION, "helpers": HELPERS, "other": OTHER, "unused": "NUMBER = 7\n"}
        for name, text in usual.items():
            (tmp_path / f"{name}.py").write_text(text + more.get(name, ""), encoding="utf-8")
        return tmp_path

    return written


A, B, BOTH, NONE = {"a"}, {"b"}, {"a", "b"}, set()
A_IS = "\n\ndef a(x):\n    return "  # bound once more, so that what stands behind it belongs to question a

RULES = {
    "a solution": ({}, "solution.py", "    return x\n", "    return +x\n", A),
    "a constant": ({}, "solution.py", "TOLERANCE = 1", "TOLERANCE = 2", B),
    "a generator": ({}, "checks.py", '{"x": 1}', '{"x": 3}', A),
    "an entry of QUESTIONS": (
        {}, "checks.py", '"b": question("b", solution.b, cases_b)', '"b": question("b", solution.b, cases_b, 1)', B,
    ),
    "a helper's source": ({}, "helpers.py", "def a(x): return x", "def a(x): return +x", B),
    "the source of no question's helper": ({}, "helpers.py", "def z(x): return x", "def z(x): return +x", NONE),
    "a module that is not reached": ({}, "unused.py", "7", "8", NONE),
    "an import of a name": (
        {"solution": "\nfrom .other import scale as s" + A_IS + "s(x)"}, "other.py", "return x", "return +x", A,
    ),
    "an import of a module": (
        {"solution": "\nfrom . import other as o" + A_IS + "o.scale(x)"}, "other.py", "return x", "return +x", A,
    ),
    "an import in a function": (
        {"solution": "\n\ndef a(x):\n    from .other import scale\n    return scale(x)"},
        "other.py", "return x", "return +x", A,
    ),
    "another name of an imported module": (
        {"solution": "\nfrom . import other" + A_IS + "other.scale(x)"}, "other.py", "NUMBER = 7", "NUMBER = 8", NONE,
    ),
    "a name that the imported module does not show": (
        {"solution": "\nfrom . import other" + A_IS + "other.hidden(x)"}, "other.py", "NUMBER = 7", "NUMBER = 8", A,
    ),
    "a star import": ({"solution": "\nfrom .other import *" + A_IS + "scale(x)"}, "other.py", "7", "8", BOTH),
    "globals()": ({"solution": A_IS + "globals()['s'](x)"}, "unused.py", "7", "8", BOTH),
    "exec": ({"solution": A_IS + "exec('x')"}, "unused.py", "7", "8", BOTH),
    "eval": ({"solution": A_IS + "eval('x')"}, "unused.py", "7", "8", BOTH),
    "importlib": (
        {"solution": "\nimport importlib" + A_IS + "importlib.import_module('unused')"}, "unused.py", "7", "8", BOTH,
    ),
    "getattr of an imported module": (
        {"solution": "\nfrom . import other" + A_IS + "getattr(other, 'sca' + 'le')(x)"},
        "other.py", "return x", "return +x", BOTH,
    ),
    "a decorator": (
        {"solution": "\ndef same(f):\n    return f\n\n@same\ndef a(x):\n    return x + 2"},
        "solution.py", "    return f", "    return (f)if f else 1", A,
    ),
    "a conditional statement": (
        {"solution": "\nif TOLERANCE:\n    LEVEL = 1\nelse:\n    LEVEL = 20\n" + A_IS + "LEVEL"},
        "solution.py", "20", "21", A,
    ),
    "a try statement": (
        {"solution": "\ntry:\n    from .other import scale\nexcept ImportError:\n    scale = 20\n" + A_IS + "scale(x)"},
        "solution.py", "20", "21", A,
    ),
    "a loop": ({"solution": "\nfor LEVEL in (20, 3):\n    TOP = LEVEL\n" + A_IS + "TOP"}, "solution.py", "20", "21", A),
    "a with statement": (
        {"solution": "\nimport contextlib\nwith contextlib.suppress(ValueError):\n    LEVEL = 20\n"},
        "solution.py", "20", "21", BOTH,
    ),
    "a name bound twice": ({"solution": "\nLEVEL = 20\nLEVEL = 3\n" + A_IS + "LEVEL"}, "solution.py", "20", "21", A),
    "an augmented assignment": (
        {"solution": "\nLEVEL = 3\nLEVEL += 20\n" + A_IS + "LEVEL"}, "solution.py", "20", "21", BOTH,
    ),
    "an entry that is set later": ({"solution": "\nTABLE = {}\nTABLE['x'] = 20\n"}, "solution.py", "20", "21", BOTH),
    "an update of a table": ({"solution": "\nTABLE = {}\nTABLE.update(x=20)\n"}, "solution.py", "20", "21", BOTH),
    "an update of QUESTIONS": ({"checks": "\nQUESTIONS.update(c=20)\n"}, "checks.py", "20", "21", BOTH),
    "a function that may change HELPERS": (
        {"helpers": "\ndef change():\n    HELPERS['a'] = ()\n"},
        "helpers.py", "def z(x): return x", "def z(x): return +x", BOTH,
    ),
    "a statement that may keep SOURCE": (
        {"helpers": "\nKEPT = change(SOURCE, 20)\n"}, "helpers.py", "20", "21", B,
    ),
    "a nested comprehension's variable of the same name": (
        {"solution": A_IS + "[[TOLERANCE for y in x] for TOLERANCE in x]"},
        "solution.py", "TOLERANCE = 1", "TOLERANCE = 2", B,
    ),
    "a name imported by way of another module": (
        {"solution": "\nfrom .unused import scale as s" + A_IS + "s(x)", "unused": "\nfrom .other import scale\n"},
        "other.py", "return x", "return +x", A,
    ),
    "a statement that only acts": ({"solution": "\nprint(20)\n"}, "solution.py", "20", "21", BOTH),
    "a table that another statement's function gets": (
        {"solution": "\nTABLE = []\nKEPT = sorted(TABLE, key=20)\n" + A_IS + "TABLE == x"},
        "solution.py", "20", "21", A,
    ),
    "a table that a decorator fills": (
        {"solution": "\nTABLE = []\ndef keep(f):\n    TABLE.append(f)\n    return f\n"
         "\n@keep\ndef kept(x):\n    return 20\n" + A_IS + "TABLE[0](x)"},
        "solution.py", "20", "21", A,
    ),
    "a default argument": (
        {"solution": "\nLEVEL = 20\n\ndef a(x, level=LEVEL):\n    return level"}, "solution.py", "20", "21", A,
    ),
    "a class body": (
        {"solution": "\nLEVEL = 20\n\nclass Scale:\n    level = LEVEL\n" + A_IS + "Scale().level"},
        "solution.py", "20", "21", A,
    ),
    "an annotation": ({"solution": "\nKind = list[20]\n\ndef a(x: Kind):\n    return x"}, "solution.py", "20", "21", A),
    "a local variable of the same name": (
        {"solution": "\n\ndef a(x):\n    TOLERANCE = x\n    return TOLERANCE"},
        "solution.py", "TOLERANCE = 1", "TOLERANCE = 2", B,
    ),
    "a comprehension's variable of the same name": (
        {"solution": A_IS + "[TOLERANCE for TOLERANCE in x]"}, "solution.py", "TOLERANCE = 1", "TOLERANCE = 2", B,
    ),
    "a comprehension over a name": (
        {"solution": A_IS + "[TOLERANCE for TOLERANCE in TOLERANCE]"},
        "solution.py", "TOLERANCE = 1", "TOLERANCE = 2", BOTH,
    ),
    "open": ({"solution": A_IS + "open('unused.py')"}, "unused.py", "7", "8", A),
    "pathlib": (
        {"solution": "\nfrom pathlib import Path\nHERE = Path(__file__)\n" + A_IS + "HERE"}, "unused.py", "7", "8", A,
    ),
    "a docstring that is used": (
        {"solution": '\n\ndef a(x):\n    """20"""\n    return a.__doc__'}, "solution.py", "20", "21", A,
    ),
    "inspect": (
        {"helpers": "\nimport inspect\nfrom . import solution\nSOURCE = {'a': inspect.getsource(solution.a)}"},
        "solution.py", "TOLERANCE = 1", "TOLERANCE = 1  # one", B,
    ),
    "helpers by comprehension": (
        {"helpers": "\nHELPERS = {q: () for q in 'ab' if 20}"}, "helpers.py", "20", "21", BOTH,
    ),
    "questions by comprehension": (
        {"checks": "\nALL = {'a': 1, 'b': 20}\nQUESTIONS = {name: ALL[name] for name in ALL}"},
        "checks.py", "20", "21", BOTH,
    ),
    "another package's name": (
        {"solution": "\nimport math" + A_IS + "math.pi"}, "solution.py", "math.pi", "math.tau", A,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("more", "file", "old", "new", "expected"), RULES.values(), ids=RULES)
def test_a_change_counts_for_whoever_may_reach_it(tiny, more, file, old, new, expected):
    folder = tiny(**more)
    if (folder / file).read_text(encoding="utf-8").count(old) > 1:
        old, new = old.strip("\n") + "\n", new.strip("\n") + "\n"
    assert changed(folder, lambda: replaced(folder / file, old, new), ("a", "b")) == expected


def test_a_syntax_error_is_told_with_its_file_and_line(tiny):
    folder = tiny(solution="\ndef c(:\n")
    with pytest.raises(StepgradeError, match=r"solution\.py, line 10: this is not Python"):
        question_versions(folder, ["a"])


def test_a_missing_module_is_told_by_its_path(tiny):
    folder = tiny()
    (folder / "helpers.py").unlink()
    with pytest.raises(StepgradeError, match=r"helpers\.py does not exist"):
        question_versions(folder, ["a"])


def test_for_a_question_that_the_text_does_not_show_all_questions_count(tiny):
    folder = tiny()
    assert changed(folder, lambda: replaced(folder / "checks.py", '{"x": 1}', '{"x": 3}'), ["c"]) == {"c"}
