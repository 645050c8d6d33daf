"""Script that is to run in the browser, or the terminal, of whoever looks at the marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.attacks.attack import Attack, Kind, Notebook, answering, code_cell

SCRIPT = "<script>document.title = 'left_by_an_attack'</script>"
IMAGE = "<img src=x onerror=\"document.title = 'left_by_an_attack'\">"


def _outputs(*outputs: dict[str, Any]) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell = code_cell("import os")
        cell["outputs"] = list(outputs)
        notebook["cells"].append(cell)

    return change


def _shown(**data: Any) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {name.replace("_", "/"): v for name, v in data.items()},
    }


def _markdown(notebook: Notebook) -> None:
    text = f"{SCRIPT}\n{IMAGE}\n[click](javascript:alert(1))\n<iframe src='data:text/html,{SCRIPT}'></iframe>"
    notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": text, "id": SCRIPT})


ATTACKS = (
    Attack("script in an HTML output", Kind.BROWSER, change=_outputs(_shown(text_html=SCRIPT + IMAGE))),
    Attack(
        "script in an SVG output", Kind.BROWSER, change=_outputs(_shown(**{"image_svg+xml": f"<svg>{SCRIPT}</svg>"}))
    ),
    Attack(
        "script in an output of its own type", Kind.BROWSER, change=_outputs(_shown(application_javascript="alert(1)"))
    ),
    Attack("script in a picture that is no picture", Kind.BROWSER, change=_outputs(_shown(image_png=f'"{IMAGE}'))),
    Attack(
        "script in a traceback",
        Kind.BROWSER,
        change=_outputs(
            {
                "output_type": "error",
                "ename": SCRIPT,
                "evalue": IMAGE,
                "traceback": [SCRIPT, "\x1b]8;;javascript:alert(1)\x07"],
            }
        ),
    ),
    Attack("script in Markdown", Kind.BROWSER, change=_markdown),
    Attack(
        "script in the name of an exception",
        Kind.BROWSER,
        answers=answering(f"raise type({SCRIPT!r}, (Exception,), {{}})()"),
        says="raised",
    ),
    Attack("script in the name of a type", Kind.BROWSER, answers=answering(f"return type({IMAGE!r}, (), {{}})()")),
    Attack(
        "script in the name of a missing module",
        Kind.BROWSER,
        (f"import os\n__import__({SCRIPT!r})",),
        says="is not available",
    ),
    Attack(
        "script in a magic", Kind.BROWSER, (f"import os\n%{SCRIPT.replace(' ', '')}\n!{IMAGE}\x1b[2J",), says="left out"
    ),
    Attack(
        "script in the line of an exception", Kind.BROWSER, answers=answering(f"raise ValueError  # {SCRIPT} \x1b[2J")
    ),
    Attack(
        "script in a syntax error",
        Kind.BROWSER,
        answers={"halve": f"def halve(x):  # {SCRIPT}\n    return '{IMAGE} \x1b[2J"},
        says="SyntaxError",
    ),
    Attack(
        "script in the text of a failing cell",
        Kind.BROWSER,
        answers={"halve": f"import os\nraise ValueError({SCRIPT!r} + '\\x1b[2J\\ud800')\ndef halve_(x, y, z): pass"},
        says="not defined",
    ),
)
