"""In a real Chromium: a student works through an exercise in JupyterLab, an instructor sees marks in the formgrader.

The pictures that are taken on the way lie in screenshots/ afterwards; CI keeps them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ASSIGNMENT, COURSE, script

hand_in = script(COURSE / "examples/hand_in.py")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the system's package chromium"),
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = COURSE / "screenshots"
FIGURES = 7
WAIT_MS = 90_000  # for what a kernel computes; a machine may be busy
# JupyterLab draws exceptions as what went to stderr.
ERROR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
RELEASE = COURSE / "release" / ASSIGNMENT
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
TOKEN = "t"  # noqa: S105 - of a server on loopback, for as long as the test runs
GRADED = ("right_loops", "stride_ignored", "untouched")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A course folder with a graded class, and in mine/ the release of a student who has yet to write conv_forward."""
    course = tmp_path_factory.mktemp("browser") / "course"
    course.mkdir()
    for name in ("source", "hidden"):
        no_caches = shutil.ignore_patterns(".venv", ".ipynb_checkpoints", "__pycache__")
        shutil.copytree(COURSE / name / ASSIGNMENT, course / name / ASSIGNMENT, ignore=no_caches)
    shutil.copy(COURSE / "nbgrader_config.py", course)
    for student in GRADED:
        submitted = course / "submitted" / student / ASSIGNMENT
        submitted.mkdir(parents=True)
        notebook = hand_in.notebook_of(hand_in.CLASS / f"{student}.py", RELEASE / NOTEBOOK)
        nbformat.write(notebook, submitted / NOTEBOOK)
    for verb in ("release", "grade"):
        command = [sys.executable, "-m", "stepgrade.cli", "--course", str(course), verb, ASSIGNMENT]
        subprocess.run(command, check=True, capture_output=True)

    shutil.copytree(course / "release" / ASSIGNMENT, course / "mine")
    started = hand_in.notebook_of(hand_in.CLASS / "right_loops.py", RELEASE / NOTEBOOK)
    untouched = nbformat.read(RELEASE / NOTEBOOK, as_version=4)
    for cell, stub in zip(started.cells, untouched.cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv_forward_solution":
            cell.source = stub.source
    nbformat.write(started, course / "mine" / NOTEBOOK)
    return course


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    """``server(path)``: an address of a Jupyter that shows whole notebooks, not only the cells in view."""
    settings = tmp_path_factory.mktemp("lab")
    tracker = settings / "user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))
    news = settings / "user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.token={TOKEN}", "--LabApp.news_url="]
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "user-settings"),
        "JUPYTER_CONFIG_DIR": str(settings / "config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
    }
    with (settings / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}"):
                    break
                assert server.poll() is None, (settings / "log").read_text()
                time.sleep(0.25)
            yield lambda path: f"http://127.0.0.1:{port}/{path}?token={TOKEN}"
        finally:
            server.terminate()
            server.wait(timeout=60)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(server, chromium):
    """The student's notebook, opened; all its cells are on the page."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server(f"lab/tree/mine/{NOTEBOOK}"))
    page.wait_for_selector("text=Open questions", state="attached", timeout=WAIT_MS)
    return page


class TestAStudent:
    def test_sees_every_figure(self, page):
        images = "[...document.querySelectorAll('.jp-MarkdownOutput img')].filter(i => i.naturalWidth > 0).length"
        page.wait_for_function(f"{images} === {FIGURES}", timeout=WAIT_MS)

    def test_sees_no_raw_markdown_and_no_broken_formula(self, page):
        page.wait_for_function(
            "document.querySelectorAll('.jp-MarkdownOutput mjx-container').length > 30", timeout=WAIT_MS
        )
        prose = page.evaluate("[...document.querySelectorAll('.jp-MarkdownOutput')].map(e => e.innerText).join('\\n')")
        assert [sign for sign in ("![", "](images", "$$", "\\frac", "\\lfloor") if sign in prose] == []
        assert page.locator("mjx-merror").count() == 0

    def test_fills_in_a_stub_hears_what_is_misunderstood_mends_it_passes_and_validates(self, page):
        """One test: each step needs the one before, as it does for a student."""
        answers = {
            name: hand_in.written_cells(COURSE / "examples/class" / f"{name}.py")["conv_forward"]
            for name in ("stride_ignored", "right_loops")
        }
        stub = page.locator(".jp-CodeCell", has_text="def conv_forward(A_prev, W, b, hparameters):")
        test = page.locator(".jp-CodeCell", has_text="conv_forward_test(conv_forward)")
        later = page.locator(".jp-CodeCell", has_text="pool_forward_test(pool_forward)")
        plots = page.locator(".jp-RenderedImage img")

        write(page, stub, answers["stride_ignored"])
        menu(page, "Run", "Run All Above Selected Cell")
        run(page, stub)
        run(page, test)
        shown = test.locator(ERROR)
        shown.wait_for(timeout=WAIT_MS)
        failed = shown.inner_text().strip()
        shown.scroll_into_view_if_needed()
        page.screenshot(path=SCREENSHOTS / "failing_test.png")
        assert failed.startswith("AssertionError: conv_forward: Z differs")
        assert "expected Z[0, :, :, 0] = [[5, 3], [0, 10]]" in failed
        assert "The windows start one pixel apart" in failed
        assert len(failed.splitlines()) <= 9  # and none of our source

        write(page, stub, answers["right_loops"])
        run(page, stub)
        run(page, test)
        test.get_by_text("conv_forward: all tests passed").wait_for(timeout=WAIT_MS)
        later.locator(".cm-content").click()
        menu(page, "Run", "Run All Above Selected Cell")
        run(page, later)
        later.get_by_text("all tests passed").wait_for(timeout=WAIT_MS)
        assert plots.count() >= 4
        plots.first.scroll_into_view_if_needed()
        page.screenshot(path=SCREENSHOTS / "plots.png")

        page.get_by_role("button", name="Validate").click()
        validated = page.locator(".jp-Dialog", has_text="Validation Results")
        validated.wait_for(timeout=WAIT_MS)
        page.screenshot(path=SCREENSHOTS / "validate.png")
        assert "Success! Your notebook passes all the tests." in validated.inner_text()


def write(page, cell, text: str) -> None:
    """Replace a cell's text, as by pasting."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def run(page, cell) -> None:
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def menu(page, name: str, item: str) -> None:
    page.get_by_role("menuitem", name=name, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


class TestAnInstructor:
    def test_sees_the_marks_of_the_class_in_the_formgrader(self, server, chromium):
        # What is logged in here is the browser, not a page of JupyterLab: so with every request.
        page = chromium.new_page(
            viewport={"width": 1280, "height": 520}, extra_http_headers={"Authorization": f"token {TOKEN}"}
        )
        page.goto(server(f"formgrader/manage_submissions/{ASSIGNMENT}"))
        page.get_by_text(GRADED[-1], exact=True).wait_for(timeout=WAIT_MS)
        page.screenshot(path=SCREENSHOTS / "formgrader.png")
        cells = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
        assert {student: mark for _, student, _, _, mark, *_ in cells} == {
            "right_loops": "100 / 100",
            "stride_ignored": "88.57 / 100",
            "untouched": "0 / 100",
        }
