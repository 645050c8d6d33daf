"""Run this folder's notebook, and say of each public test in it whether it passes.

    python run_public_tests.py [NOTEBOOK] [--junit FILE]

Where it runs as a CI job, it also writes a summary and marks the cells to look at. It needs what requirements.txt
installs, nbclient and ipykernel. It knows nothing that is not in this folder: your mark is made elsewhere, on other
inputs, and nothing that you change here changes it.

Exit code 0: every exercise that gives points passes; 1: one does not, yet; 2: there is nothing to test.
"""

import argparse
import html
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

CELL_S = 60  # a cell that takes longer is stopped
NOTEBOOK_S = 600
MAX_ANNOTATIONS = 10  # GitHub shows no more of one step
MAX_MESSAGE = 4000
PASSED, FAILED, UNWRITTEN, NOT_RUN, GONE = "passed", "failed", "not written yet", "not run", "its test cell is gone"


@dataclass
class Exercise:
    """One public test: the cell that holds it, and what came of it.

    Without its cell, nobody knows what it is worth: ``points`` is None.
    """

    name: str
    points: float | None
    cell: int  # of the test
    state: str = NOT_RUN
    message: str = ""

    @property
    def first_line(self):
        return self.message.strip().partition("\n")[0]

    @property
    def is_open(self):
        """Whether something is left to do before all points can be had."""
        return self.points != 0 and self.state != PASSED

    @property
    def worth(self):
        return "optional" if self.points == 0 else "?" if self.points is None else f"{self.points:g}"


class Runner(NotebookClient):
    """Executes cell by cell; what they print and draw is not kept, so it cannot be too much."""

    def output(self, outs, msg, display_id, cell_index):
        return None


def run(notebook, folder):
    """Execute the cells of a notebook; return the error of each cell that raised one, and why it stopped early."""
    errors = {}

    def note(cell, cell_index, execute_reply):
        content = execute_reply["content"]
        if content["status"] == "error":
            errors[cell_index] = (content.get("ename", ""), _message(content))

    runner = Runner(
        notebook,
        timeout=CELL_S,
        kernel_name="python3",
        allow_errors=True,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": "TimeoutError", "evalue": f"the cell was stopped after {CELL_S} s", "traceback": []},
        skip_cells_with_tag="training",
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=note,
    )
    ends_at = time.monotonic() + NOTEBOOK_S
    # What a notebook writes past Jupyter is dropped: a line in a job's log may be a command to the CI service.
    with runner.setup_kernel(env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        for index, cell in enumerate(notebook.cells):
            if time.monotonic() > ends_at:
                return errors, index, f"the notebook was stopped after {NOTEBOOK_S} s"
            try:
                runner.execute_cell(cell, index)
            except DeadKernelError:
                return errors, index, "this cell ended Python itself (out of memory, or a call that exits)"
    return errors, None, ""


def _environment():
    """Return the environment as it is at home: nothing in it tells a notebook that a CI job runs it."""
    service = re.compile(r"GITHUB_|RUNNER_|ACTIONS_|CI$|CI_|GITLAB_")
    return {name: value for name, value in os.environ.items() if not service.match(name)}


def _message(content):
    """Return an error as plain text: what it says, then where it was; shortened in its middle."""
    says = f"{content.get('ename')}: {content.get('evalue')}"
    where = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "\n".join(content.get("traceback", ())))
    text = where if where.startswith(says.partition("\n")[0]) else f"{says}\n\n{where}"
    text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()
    half = MAX_MESSAGE // 2
    return text if len(text) <= MAX_MESSAGE else f"{text[:half]}\n[...]\n{text[-half:]}"


def find_exercises(notebook, tests):
    """Return the public tests, in the notebook's order: cells that nbgrader grades and nobody edits.

    Those of which only the function in public_tests.py is left come last.
    """
    found = []
    for index, cell in enumerate(notebook.cells):
        facts = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and facts.get("grade") and not facts.get("solution"):
            found.append(Exercise(str(facts.get("grade_id")), float(facts.get("points") or 0), index))
    names = {exercise.name for exercise in found}
    missing = [name for name in re.findall(r"^def (\w+)_test\(", tests, re.MULTILINE) if name not in names]
    advice = (
        "Copy it from a fresh download of the assignment: without it, nobody sees here whether your function passes."
    )
    return found + [Exercise(name, None, 0, GONE, advice) for name in missing]


def where_written(notebook, exercise):
    """Return the cell in which the exercise is written, for that is where to look; else the cell of its test."""
    for index, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise.name}_solution":
            return index
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and re.search(rf"^\s*def {re.escape(exercise.name)}\(", cell.source, re.MULTILINE):
            return index
    return exercise.cell


def judge(exercises, notebook, errors, stopped_at, why):
    """Note of each exercise what came of its test."""
    for exercise in exercises:
        written = where_written(notebook, exercise)
        if exercise.state == GONE:
            continue
        if stopped_at is not None and exercise.cell >= stopped_at:
            exercise.message = f"The run ended before this test, in cell {stopped_at + 1}: {why}"
        elif exercise.cell not in errors:
            exercise.state = PASSED
        elif written in errors:  # its test can only say that the function is not there
            exercise.state, exercise.message = FAILED, errors[written][1]
        elif errors[exercise.cell][0] == "NotImplementedError":
            exercise.state = UNWRITTEN
        else:
            exercise.state, exercise.message = FAILED, errors[exercise.cell][1]


def lines_of_cells(text):
    """Return the line of the file in which each cell's source begins, counted from 1."""
    lines, found, depth, line, at, key = [], set(), 0, 1, 0, None
    in_cells = False
    for token in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', text):
        line, at = line + text.count("\n", at, token.start()), token.start()
        sign = token[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
            in_cells = in_cells and depth >= 2
        elif sign[0] == '"':
            if re.compile(r"\s*:").match(text, token.end()):
                key = (depth, sign)
                in_cells = in_cells or key == (1, '"cells"')
            elif in_cells and key == (3, '"source"') and len(lines) not in found:
                found.add(len(lines))
                lines[-1] = line
        if sign == "{" and in_cells and depth == 3:
            lines.append(line)
    return lines


def annotations(path, notebook, exercises):
    """Return GitHub's commands that mark the cells to look at."""
    lines = lines_of_cells(path.read_text(encoding="utf-8"))
    commands = []
    for exercise in exercises:
        if exercise.state == PASSED or (exercise.state == UNWRITTEN and not exercise.points):
            continue
        level = "error" if exercise.is_open and exercise.state != UNWRITTEN else "warning"
        title = f"{exercise.name}: {exercise.state}"
        place = f"file={_property(_relative(path))},line={lines[where_written(notebook, exercise)]}"
        commands.append(f"::{level} {place},title={_property(title)}::{_data(exercise.message or title)}")
    return commands[:MAX_ANNOTATIONS]


def _relative(path):
    return os.path.relpath(path, os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def _data(text):
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text):
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def headline(exercises):
    graded = [exercise for exercise in exercises if exercise.points != 0]
    passed = sum(exercise.state == PASSED for exercise in graded)
    return f"Public tests: {passed} of {len(graded)} exercises with points pass"


def markdown(exercises):
    """Return the summary of the job."""
    rows = [
        f"## {headline(exercises)}",
        "",
        "| Exercise | Points | State | Look here first |",
        "| :--- | ---: | :--- | :--- |",
    ]
    for exercise in exercises:
        cells = (_escaped(exercise.name), exercise.worth, exercise.state, _escaped(exercise.first_line[:200]))
        rows.append(f"| {' | '.join(cells)} |")
    for exercise in exercises:
        if exercise.message:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", exercise.message)), default=0))
            rows += ["", f"<details><summary>{html.escape(exercise.name)}</summary>", "", f"{fence}text"]
            rows += [exercise.message, fence, "", "</details>"]
    note = "Your mark comes from other inputs, and is not made here: what you change in this job, you alone see."
    return "\n".join([*rows, "", note, ""])


def _escaped(text):
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def junit(exercises, assignment):
    """Return the report as JUnit XML, which GitLab shows."""
    report = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(report, "testsuite", name=assignment)
    for exercise in exercises:
        case = ElementTree.SubElement(suite, "testcase", classname=assignment, name=exercise.name)
        if exercise.is_open or exercise.state == FAILED:
            message = exercise.first_line or exercise.state
            says = ElementTree.SubElement(case, "failure", message=message, type=exercise.state)
            says.text = exercise.message
        elif exercise.state != PASSED:
            ElementTree.SubElement(case, "skipped", message=f"{exercise.state} (optional)")
    suite.set("tests", str(len(exercises)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return ElementTree.tostring(report, encoding="unicode")


def find_notebook(folder):
    found = sorted(path for path in folder.glob("*.ipynb") if b'"nbgrader"' in path.read_bytes())
    if len(found) != 1:
        listed = ", ".join(path.name for path in found) or "none"
        raise SystemExit(
            f"expected one notebook with exercises in {folder}, found {listed}; name it on the command line"
        )
    return found[0]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("notebook", nargs="?", type=Path)
    arguments.add_argument("--junit", metavar="FILE", type=Path)
    given = arguments.parse_args()
    path = (given.notebook or find_notebook(Path(__file__).parent)).resolve()
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, KeyError, nbformat.ValidationError) as error:
        print(
            f"{path.name} cannot be read as a notebook ({type(error).__name__}); open it in Jupyter and save it again"
        )
        return 2
    tests = path.with_name("public_tests.py")
    exercises = find_exercises(notebook, tests.read_text(encoding="utf-8") if tests.is_file() else "")
    if all(exercise.state == GONE for exercise in exercises):
        print(f"{path.name} has no test cell any more; copy your functions into a fresh download of the assignment")
        return 2
    judge(exercises, notebook, *run(notebook, path.parent))

    print(headline(exercises))
    for exercise in exercises:
        print(f"  {exercise.name:<30} {exercise.state}{' (optional)' * (exercise.points == 0)}")
        for line in exercise.message.splitlines():
            print(f"    | {line}")  # with a sign before it, no line is taken for a command of the CI service
    if os.environ.get("GITHUB_ACTIONS"):
        print("\n".join(annotations(path, notebook, exercises)))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown(exercises))
    if given.junit:
        given.junit.write_text(junit(exercises, path.stem), encoding="utf-8")
    return 1 if any(exercise.is_open for exercise in exercises) else 0


if __name__ == "__main__":
    sys.exit(main())
