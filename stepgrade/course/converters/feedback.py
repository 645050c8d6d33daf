"""nbgrader's feedback page, with our template: questions by name, and lines that wrap on a narrow screen."""

from __future__ import annotations

from pathlib import Path

import nbgrader
from nbconvert.exporters import HTMLExporter

_FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
TEMPLATE = "stepgrade_feedback"
# Where templates are looked up by name: ours, then nbgrader's, which ours is built on.
TEMPLATE_FOLDERS = [str(Path(__file__).with_name("templates")), str(_FORMGRADER / "templates")]
# Where files are looked up that templates extend or include: nbgrader's template, and its style sheet.
INCLUDE_FOLDERS = [
    str(_FORMGRADER / "templates"),
    str(_FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"),
]


class FeedbackExporter(HTMLExporter):
    """An exporter with a configuration of its own, so that its template does not become the formgrader's, too."""
