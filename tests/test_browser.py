"""The release as a student sees it: JupyterLab in a real Chromium."""

from __future__ import annotations

import contextlib
import importlib.util
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

from tests.conftest import ASSIGNMENT, COURSE

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
FIGURES = 7
# JupyterLab draws exceptions as what went to stderr.
ERROR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
RELEASE = COURSE / "release" / ASSIGNMENT
NOTEBOOK = f"{ASSIGNMENT}.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The release folder, with the work of a student who ignores the stride in conv_forward."""
    spec = importlib.util.spec_from_file_location("hand_in", COURSE / "examples/hand_in.py")
    hand_in = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hand_in)
    folder = tmp_path_factory.mktemp("student") / "work"
    shutil.copytree(RELEASE, folder, ignore=shutil.ignore_patterns(".venv", ".ipynb_checkpoints"))
    student = hand_in.notebook_of(hand_in.CLASS / "stride_ignored.py", RELEASE / NOTEBOOK)
    nbformat.write(student, folder / NOTEBOOK)
    return folder


@pytest.fixture(scope="module")
def lab(folder, tmp_path_factory):
    """The address of a JupyterLab that shows whole notebooks, not only the cells in view."""
    settings = tmp_path_factory.mktemp("lab")
    tracker = settings / "user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--ServerApp.token=t", "--LabApp.news_url="]
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "user-settings"),
        "JUPYTER_CONFIG_DIR": str(settings / "config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
    }
    with (settings / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t"):
                    break
                assert server.poll() is None, (settings / "log").read_text()
                time.sleep(0.25)
            yield f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK}?token=t"
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def page(lab):
    """The notebook, opened; all its cells are on the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(lab)
        page.wait_for_selector("text=Open questions", state="attached", timeout=60_000)
        yield page
        browser.close()


def test_every_figure_is_drawn(page):
    images = "[...document.querySelectorAll('.jp-MarkdownOutput img')].filter(i => i.naturalWidth > 0).length"
    page.wait_for_function(f"{images} === {FIGURES}", timeout=30_000)


def test_no_markdown_is_left_raw_and_no_formula_is_broken(page):
    page.wait_for_function("document.querySelectorAll('.jp-MarkdownOutput mjx-container').length > 30", timeout=30_000)
    prose = page.evaluate("[...document.querySelectorAll('.jp-MarkdownOutput')].map(e => e.innerText).join('\\n')")
    assert [sign for sign in ("![", "](images", "$$", "\\frac", "\\lfloor") if sign in prose] == []
    assert page.locator("mjx-merror").count() == 0


def test_a_failing_public_test_shows_its_sentence_and_none_of_our_source(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # It stops where the demonstration compares with the example by hand; the test is the student's next step.
    page.wait_for_selector(f"{ERROR}:has-text('the sums by hand are')", state="attached", timeout=90_000)
    page.locator(".jp-CodeCell", has_text="conv_forward_test(conv_forward)").locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    shown = page.wait_for_selector(
        f"{ERROR}:has-text('The windows start one pixel apart')", state="attached", timeout=60_000
    )
    failed = shown.inner_text()
    assert failed.strip().startswith("AssertionError: conv_forward: Z differs")
    assert "expected Z[0, :, :, 0] = [[5, 3], [0, 10]]" in failed
    assert len(failed.strip().splitlines()) <= 9
