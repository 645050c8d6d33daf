"""An executed notebook as one HTML file: pictures and formulas included, no script, nothing from the network."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from stepgrade.report.page.formulas import formula

# nbconvert's page without the scripts that it would load from elsewhere, and with words for its figures, for which the
# template of its own has no place.
TEMPLATE = """{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block data_png scoped -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data['image/png'] }}" alt="{{ output | get_metadata('alt', 'image/png') }}">
</div>
{%- endblock -%}
"""


def solution_page(notebook: nbformat.NotebookNode, title: str, folder: Path) -> str:
    """Return the page of ``notebook``, whose pictures lie in ``folder``."""
    notebook = _described(notebook)
    exporter = _PageExporter(raw_template=TEMPLATE, embed_images=True)
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title, "path": str(folder)}})
    return str(page)


def _described(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy whose figures say where they come from, to readers who do not see them."""
    described = copy.deepcopy(notebook)
    for number, cell in enumerate(described.cells, start=1):
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", ()):
                output.metadata["image/png"] = {"alt": f"Figure drawn by code cell {number}"}
    return described


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown, with formulas as MathML, which browsers draw without a script."""

    def inline_math(self, body: str) -> str:
        return formula(body, display=False)

    def block_math(self, body: str) -> str:
        return formula(body, display=True)


class _PageExporter(HTMLExporter):
    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        renderer = _Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            exclude_anchor_links=True,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))
