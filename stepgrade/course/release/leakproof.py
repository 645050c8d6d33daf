"""The leak proof: what must hold for every release before a student may see it.

Every function here takes the built folder and returns sentences, one per problem; an empty list is the proof.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat
import polib
from nbclient import NotebookClient
from traitlets.config import Config

from stepgrade.assignment import Assignment
from stepgrade.course.release.stubs import PLACEHOLDER, STUB

WITHHELD = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
MARKERS = tuple(f"{edge} {kind}" for kind in WITHHELD for edge in ("BEGIN", "END"))
# Shorter lines ("continue", "else:") say nothing about a solution and occur anywhere.
TELLING_LENGTH = 20
QUOTED_LENGTH = 36
EXECUTION_TIMEOUT_S = 300


def leaks(assignment: Assignment, built: Path, besides: Collection[str] = ()) -> list[str]:
    """Return every problem of the release that was built in ``built``; an empty list where there is none.

    ``besides`` are the files that are made for it, and do not stand in the source folder.
    """
    notebook_path = built / f"{assignment.name}.ipynb"
    if not notebook_path.is_file():
        return [f"{notebook_path.name} is missing from the release"]
    notebook = nbformat.read(notebook_path, as_version=4)
    problems = [
        *wrong_files(assignment, built, besides),
        *wrong_public_tests(assignment, built),
        *wrong_form(notebook),
        *unraising_stubs(assignment, notebook),
        *leaked_lines(assignment, built),
        *leaked_hidden_code(assignment, built),
    ]
    return problems or list(unexpected_errors(built, notebook))


def wrong_files(assignment: Assignment, built: Path, besides: Collection[str] = ()) -> Iterator[str]:
    """A release holds exactly the files of the source folder, and those that are made for it."""
    expected = _files(assignment.source_dir) | set(besides)
    got = _files(built)
    for path in sorted(got - expected):
        yield f"{path} is in the release but not in {assignment.source_dir}"
    for path in sorted(expected - got):
        yield f"{path} is in {assignment.source_dir} but not in the release"


def wrong_public_tests(assignment: Assignment, built: Path) -> Iterator[str]:
    """The public tests that students run are those of the source folder, and of the top level where it has them."""
    copies = [assignment.source_dir / "public_tests.py", built / "public_tests.py"]
    top_level = assignment.course / "public_tests.py"
    tests = {f"{question.id}_test" for question in assignment.questions}
    if top_level.is_file() and tests & _defined_functions(top_level.read_text(encoding="utf-8")):
        copies.append(top_level)
    if not all(copy.is_file() for copy in copies) or len({copy.read_bytes() for copy in copies}) != 1:
        folders = ", ".join(str(copy.parent) for copy in copies)
        yield f"public_tests.py differs between {folders}; copy the right one over"


def wrong_form(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """nbformat 4.5, unique cell ids, no outputs, no markers of nbgrader."""
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield f"the notebook is nbformat {notebook.nbformat}.{notebook.nbformat_minor}, expected 4.5"
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) != len(ids) or None in ids:
        yield "the notebook's cell ids are not unique"
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.get("outputs"):
            yield f"cell {number} carries an output"
        if cell.get("execution_count") is not None:
            yield f"cell {number} carries an execution count"
        for marker in MARKERS:
            if marker in cell.source:
                yield f"cell {number} still holds the marker {marker!r}"


def unraising_stubs(assignment: Assignment, notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Every question has a solution cell whose function does nothing but raise its own NotImplementedError."""
    solutions = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    for question in assignment.questions:
        name = question.specification.function
        cell = solutions.get(f"{question.id}_solution")
        if cell is None:
            yield f"there is no solution cell {question.id}_solution"
            continue
        stub = STUB.replace(PLACEHOLDER, name).splitlines()[-1]
        functions = [n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef) and n.name == name]
        bodies = [[ast.unparse(node) for node in function.body if not _is_docstring(node)] for function in functions]
        if bodies != [[ast.unparse(ast.parse(stub))]]:
            yield f"the stub of {name} must be `{stub}` alone; put the whole body between the solution markers"


def leaked_lines(assignment: Assignment, built: Path) -> Iterator[str]:
    """No telling line of a solution, a hidden test or a mark scheme stands anywhere in the release."""
    texts = {path: _squeezed(text) for path, text in _texts(built)}
    for line, kind in sorted(_withheld_lines(assignment).items()):
        for path, text in texts.items():
            if line in text:
                yield f"{path} holds a line of the instructor's {kind.lower()}: {line!r}"


def leaked_hidden_code(assignment: Assignment, built: Path) -> Iterator[str]:
    """No statement of the hidden folder's modules stands in the release: as code in any layout, or quoted in a text."""
    statements: dict[str, str] = {}
    quotable: dict[str, str] = {}
    for module in sorted(assignment.hidden_dir.glob("*.py")):
        if module.name == f"{assignment.name}.py":
            continue  # the notebook's text form: its solutions are looked for above, the rest is the release itself
        text = module.read_text(encoding="utf-8")
        statements |= dict.fromkeys(_statements(text), module.name)
        quotable |= dict.fromkeys(_quotable(text), module.name)
    for path, text in _texts(built):
        found = {statement: statements[statement] for statement in _statements(text) & statements.keys()}
        squeezed = _squeezed(text)
        found |= {quote: module for quote, module in quotable.items() if quote in squeezed}
        for statement, name in sorted(found.items()):
            yield f"{path} holds a statement of hidden/{assignment.name}/{name}: {statement[:80]!r}"


def unexpected_errors(built: Path, notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Run top to bottom, the release fails by its stubs alone: NotImplementedError, or a NameError after one."""
    with tempfile.TemporaryDirectory() as folder:
        workplace = Path(folder) / "release"
        shutil.copytree(built, workplace)
        executed = nbformat.from_dict(notebook)
        # Sockets in the file system: TCP ports collide now and then, and the kernel warns about them.
        transport = Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})
        NotebookClient(
            executed,
            config=transport,
            timeout=EXECUTION_TIMEOUT_S,
            allow_errors=True,
            skip_cells_with_tag="",  # the training section too: it must cope with unfilled stubs
            resources={"metadata": {"path": str(workplace)}},
            # A student's Python finds the release's modules, whatever this shell's finds.
        ).execute(env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"})
    lost: set[str] = set()  # names that a failed cell would have defined
    for number, cell in enumerate(executed.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type != "error":
                continue
            lost |= _assigned_names(cell.source)
            by_stub = "NotImplementedError" in "".join(output.traceback)
            by_lost_name = output.ename == "NameError" and any(f"'{name}'" in output.evalue for name in lost)
            if not (by_stub or by_lost_name):
                yield f"cell {number} fails by itself, not by a stub: {output.ename}: {output.evalue[:200]}"


def _files(folder: Path) -> set[str]:
    ignored = {"__pycache__", ".ipynb_checkpoints"}
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and not ignored & set(path.parts)
    }


def _texts(built: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every text that a student can read; of a notebook, every cell's source."""
    for name in sorted(_files(built)):
        path = built / name
        if path.suffix == ".ipynb":
            for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
                yield f"{name}, cell {number}", cell.source
        elif path.suffix == ".mo":
            yield name, "\n".join(entry.msgstr for entry in polib.mofile(str(path)))
        else:
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # data and images: compared byte by byte with the source folder's


def _withheld_lines(assignment: Assignment) -> dict[str, str]:
    """Return the telling lines between nbgrader's markers, and the kind; without those that also stand outside."""
    inside: dict[str, str] = {}
    outside: list[str] = []
    for cell in assignment.source_cells:
        # An answer in words that has no markers is a model answer as a whole.
        is_answer = cell.kind == "markdown" and cell.points is not None and "BEGIN SOLUTION" not in cell.source
        within = "SOLUTION" if is_answer else ""
        for line in cell.source.splitlines():
            if any(marker in line for marker in MARKERS):
                within = next((kind for kind in WITHHELD if f"BEGIN {kind}" in line), "")
            elif not within:
                outside.append(_squeezed(line))
            elif len(_squeezed(line)) >= TELLING_LENGTH and not (cell.kind == "code" and line.strip().startswith("#")):
                inside[_squeezed(line)] = within
    taught = "".join(outside)
    return {line: kind for line, kind in inside.items() if line not in taught}


def _statements(text: str) -> set[str]:
    """Return the telling statements of a module, normalised; none where the text is no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return set()
    simple = (ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.Expr, ast.Assert)
    unparsed = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, simple) and not _is_docstring(node)}
    return {statement for statement in unparsed if len(statement) >= TELLING_LENGTH + 5}


def _quotable(text: str) -> set[str]:
    """Return the statements of a module as they are written, without white space; long ones only."""
    simple = (ast.Assign, ast.AugAssign, ast.Return)
    lines = text.encode().splitlines()  # once; ast.get_source_segment splits the whole text for every statement
    written = (_squeezed(_written(node, lines)) for node in ast.walk(ast.parse(text)) if isinstance(node, simple))
    return {statement for statement in written if len(statement) >= QUOTED_LENGTH}


def _written(statement: ast.stmt, lines: list[bytes]) -> str:
    """Return a statement as it is written, without its line ends; ``lines`` are bytes, which the columns count."""
    *before, last = lines[statement.lineno - 1 : statement.end_lineno]
    return b"".join([*before, last[: statement.end_col_offset]])[statement.col_offset :].decode()


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _assigned_names(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _defined_functions(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def _squeezed(text: str) -> str:
    return "".join(text.split())
