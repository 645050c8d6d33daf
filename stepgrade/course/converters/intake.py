"""How submissions enter nbgrader: read as untrusted files, graded cells as the instructor wrote them.

Used as ``c.Autograde.exporter_class``, so that a damaged notebook or broken metadata never ends a class run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde

from stepgrade.assignment import Assignment
from stepgrade.course.autograded.restored import originals_of, restore, stand_in
from stepgrade.course.converters.nomark import forget_marks
from stepgrade.course.converters.tidied import hand_ins_of
from stepgrade.course.handin import HandIn
from stepgrade.notebook import DamagedNotebook, notebook_document, read_bytes


class SubmissionExporter(NotebookExporter):
    """nbconvert's `NotebookExporter` for notebooks that nobody vouches for.

    nbgrader makes it once per run, before it opens a submission: there, the run is turned to the tidied submissions.
    """

    def __init__(self, config: Any = None, **kw: Any) -> None:
        super().__init__(config=config, **kw)
        self.hand_ins: dict[str, HandIn] = {}
        if isinstance(self.parent, Autograde):
            self.hand_ins = hand_ins_of(self.parent)

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        resources = resources if resources is not None else {}
        course, names = self.parent.coursedir, resources["nbgrader"]
        assignment = Assignment.find(names["assignment"], Path(course.root))
        clean = Path(course.format_path(course.submitted_directory, names["student"], assignment.name))
        if Path(filename).parent != clean:  # nbgrader's second pass, which reads what the first one wrote
            return super().from_filename(filename, resources, **kw)
        # Until the new marks are there, there are none: not those of an earlier run either.
        forget_marks(course, names["student"], assignment.name, someone_must_look=True)
        path = self.hand_ins[names["student"]].notebook or Path(filename)
        try:
            document = notebook_document(read_bytes(path))
        except DamagedNotebook as error:
            self.log.warning("%s: %s", path, error)
            document = stand_in(str(error))
        restored = nbformat.from_dict(restore(document, originals_of(assignment, document)))
        return self.from_notebook_node(restored, resources, **kw)
