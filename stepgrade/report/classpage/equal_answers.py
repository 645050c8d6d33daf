"""Answers that are equal once names and comments are normalised and the release's text is taken away.

A hint and nothing more: solutions of such assignments are public, and a short answer has few forms.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stepgrade.notebook import (
    Cell,
    Function,
    Graded,
    RunCell,
    functions_of,
    release_of,
    rescue,
    tree_of,
    written_statements,
)

# Nodes of a syntax tree. Of the right answers in tests/honest, written by hand in two dozen styles, those that are one
# idea (a call of np.pad, a sum of products) have 7 to 60, and many people write the same; those that go over windows
# have from 80 on, and no two styles came out equal there.
MIN_NODES = 80
# An answer in more files than this is everybody's: from a lecture, a book, a solution that all have found.
MAX_GROUP = 10
MIN_SHARED = 2  # answers that make a pair
NAMING = frozenset({"id", "name", "arg"})  # fields of a node that hold a name
SILENT = frozenset({"ctx", "annotation", "returns", "type_comment", "kind", "simple"})  # those that decide nothing


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of one answer: equal fingerprints are equal answers."""

    question: str
    fingerprint: str
    n_nodes: int
    n_lines: int


@dataclass(frozen=True, slots=True)
class Group:
    """One answer that stands in several files; ``n_files`` counts those that are not the same byte for byte."""

    question: str
    n_nodes: int
    n_lines: int
    n_files: int
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files that share several answers, each in a group of its own."""

    students: tuple[str, str]
    questions: tuple[str, ...]
    n_lines: int


def answers_of(cells: Sequence[Cell], source_cells: Sequence[Cell], graded: Sequence[Graded]) -> Iterator[Answer]:
    """Yield the answers of a submission that are long enough to be compared.

    Parameters
    ----------
    cells : of the submission
    source_cells : the instructor's, whose stubs are taken away
    graded : the functions to look at
    """
    running = rescue(cells, source_cells, graded).cells
    skeletons = release_of(tuple(source_cells)).skeletons
    for one in graded:
        function = _definition(running, one.function)
        if function is not None:
            given = frozenset(filter(None, skeletons.get(one.function, "").split("\n")))
            answer = _answer(one.question, function, given)
            if answer is not None and answer.n_nodes >= MIN_NODES:
                yield answer


def spelled(function: Function, given: Collection[str] = ()) -> Spelling:
    """Return what ``function`` does as words, with nothing in them but what it does.

    Docstrings, bare values and annotations are left out, the stub's ``raise``, and statements whose `ast.dump` is among
    ``given``. Names that the function binds are numbered as they come; its parameters and all names from outside stay.
    """
    body = [one for one in written_statements(function) if not given or ast.dump(one) not in given]
    spelling = Spelling(_own_names(body, {argument.arg for argument in _arguments(function.args)}))
    spelling.add_all(body)
    return spelling


class Spelling:
    """The words of some statements; equal words are equal statements."""

    def __init__(self, own_names: Collection[str]) -> None:
        self.words: list[str] = []
        self.n_nodes = 0
        self.lines: set[int] = set()
        self._own_names = own_names
        self._numbers: dict[str, str] = {}

    def add_all(self, values: Iterable[Any]) -> None:
        """Add a list of a node's parts; it has an end, so that what follows is not taken for a part of it."""
        for value in values:
            if not _says_nothing(value):
                self._add(value)
        self.words.append("]")

    def _add(self, value: Any) -> None:
        match value:
            case ast.AnnAssign(target=target, value=ast.expr() as assigned):
                self._add(ast.Assign([target], assigned, lineno=value.lineno))
            case ast.AST():
                self._add_node(value)
            case list():
                self.add_all(value)
            case _:
                self.words.append(repr(value))

    def _add_node(self, node: ast.AST) -> None:
        self.n_nodes += 1
        self.lines.add(getattr(node, "lineno", 0))
        self.words.append(type(node).__name__)
        is_named = not isinstance(node, ast.keyword | ast.alias)
        for field in node._fields:
            if field in SILENT:
                continue
            value: Any = getattr(node, field, None)
            if is_named and field in NAMING and value in self._own_names:
                self.words.append(self._numbers.setdefault(value, f"own name {len(self._numbers)}"))
            else:
                self._add(value)

    @property
    def n_lines(self) -> int:
        return len(self.lines - {0})

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\n".join(self.words).encode("utf-8", "surrogatepass")).hexdigest()[:20]


class EqualAnswers:
    """The answers of a class, a submission at a time; equal files (a group's, who hand in together) count as one."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}  # by hash: the students who handed it in
        self._places: dict[tuple[str, str], list[str]] = defaultdict(list)  # of an answer: the hashes
        self._sizes: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, student: str, submission_sha256: str, answers: Iterable[Answer]) -> None:
        """Take the answers of one student."""
        answers = list(answers)
        if not answers:
            return
        students = self._files.setdefault(submission_sha256, [])
        students.append(student)
        if len(students) > 1:  # its answers are known
            return
        for answer in answers:
            key = answer.question, answer.fingerprint
            self._places[key].append(submission_sha256)
            self._sizes[key] = answer.n_nodes, answer.n_lines

    def same_files(self) -> list[tuple[str, ...]]:
        """Return who handed in the very same file."""
        return sorted(tuple(students) for students in self._files.values() if len(students) > 1)

    def groups(self) -> list[Group]:
        """Return the answers that stand in several files, the longest first."""
        found = [
            Group(question, *self._sizes[question, fingerprint], len(files), self._students(files))
            for (question, fingerprint), files in self._places.items()
            if len(files) > 1
        ]
        return sorted(found, key=lambda group: (-group.n_nodes, group.question, group.students))

    def pairs(self) -> list[Pair]:
        """Return the files that share several answers, those that share most first."""
        shared: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for key, files in self._places.items():
            if len(files) <= MAX_GROUP:
                for pair in itertools.combinations(files, 2):
                    shared[pair].append(key)
        found = [
            Pair(
                (self._files[one][0], self._files[other][0]),
                tuple(question for question, _ in keys),
                sum(self._sizes[key][1] for key in keys),
            )
            for (one, other), keys in shared.items()
            if len(keys) >= MIN_SHARED
        ]
        return sorted(found, key=lambda pair: (-len(pair.questions), -pair.n_lines, pair.students))

    def _students(self, files: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(student for file in files for student in self._files[file]))


def _definition(cells: Sequence[RunCell], name: str) -> Function | None:
    """Return the definition that counts: the last one."""
    for cell in reversed(cells):
        if re.search(rf"\bdef\s+{name}\b", cell.source) and (tree := tree_of(cell.source)) is not None:
            for function in reversed(functions_of(tree)):
                if function.name == name:
                    return function
    return None


def _answer(question: str, function: Function, given: Collection[str]) -> Answer | None:
    try:
        spelling = spelled(function, given)
    except RecursionError:  # nested deeper than anybody writes
        return None
    return Answer(question, spelling.fingerprint, spelling.n_nodes, spelling.n_lines)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return plain + [starred for starred in (arguments.vararg, arguments.kwarg) if starred is not None]


def _own_names(body: Sequence[ast.stmt], parameters: Collection[str]) -> frozenset[str]:
    """Return the names that statements bind; no parameters, and none that are declared to be from outside."""
    bound: set[str] = set()
    outside = set(parameters)
    for node in itertools.chain.from_iterable(map(ast.walk, body)):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outside.update(names)
    return frozenset(bound - outside)


def _says_nothing(value: Any) -> bool:
    match value:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
    return False
