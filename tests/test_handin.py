"""What is found in a submission's folder, and what of it goes on: nothing followed, nothing lost, everything said."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import parse_utc

from stepgrade.course.handin import copy_hand_in, find_hand_in, is_student_id, students_in
from stepgrade.course.handin.otherfiles import MAX_FILE_BYTES, MAX_FILES
from stepgrade.course.handin.timestamp import utc_time
from stepgrade.errors import StepgradeError
from stepgrade.notebook import MAX_NOTEBOOK_BYTES
from stepgrade.result import EndState
from tests.conftest import RIGHT_TINY


@pytest.fixture
def folder(tiny_course) -> Path:
    """``submitted/ada/tiny``, empty."""
    folder = tiny_course / "submitted" / "ada" / "tiny"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def tidied(tiny, folder, tmp_path):
    """``tidied()``: what is found in the folder; what may go on lies in ``clean`` then."""

    def run(student: str = "ada"):
        hand_in = find_hand_in(folder, student, tiny)
        (tmp_path / "clean").mkdir()
        copy_hand_in(hand_in, tmp_path / "clean")
        return hand_in

    return run


@pytest.fixture
def clean_files(tmp_path):
    """``clean_files()``: the files that go on beside the notebook."""

    def names() -> set[str]:
        clean = tmp_path / "clean"
        return {path.relative_to(clean).as_posix() for path in clean.rglob("*") if not path.is_dir()}

    return names


def codes(hand_in) -> list[str]:
    return [repair.code for repair in hand_in.repairs]


def test_a_usual_submission_needs_no_repair(folder, tidied, clean_files):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "notes.txt").write_text("mine")
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC\n")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "tiny-checkpoint.ipynb").write_bytes(b"{}")
    hand_in = tidied()
    assert (hand_in.notebook, hand_in.repairs, hand_in.end_state) == (folder / "tiny.ipynb", (), EndState.GRADED)
    assert clean_files() == {"notes.txt", "timestamp.txt"}


@pytest.mark.parametrize(
    "name",
    [
        "tiny (1).ipynb",
        "TINY.ipynb",
        "tiny.IPYNB",
        "ada_tiny.ipynb",
        "Copy of tiny.ipynb",
        "tiny.ipynb.txt",
        "homework.ipynb",
        "tiny/tiny.ipynb",
        "my work/tiny-Copy1.ipynb",
        "tiny.ipynb/tiny.ipynb",
    ],
)
def test_a_notebook_under_another_name_is_taken_and_the_student_told(folder, tidied, clean_files, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"{}")
    hand_in = tidied()
    assert hand_in.notebook == folder / name
    assert codes(hand_in)[0] == "notebook_renamed"
    assert f"{name} was taken as tiny.ipynb" in hand_in.repairs[0].message
    assert clean_files() == set()


def test_a_notebook_beside_the_assignments_folder_is_found(tiny, tiny_course):
    notebook = tiny_course / "submitted" / "ada" / "tiny.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_bytes(b"{}")
    hand_in = find_hand_in(notebook.parent / "tiny", "ada", tiny)
    assert (hand_in.notebook, codes(hand_in)) == (notebook, ["notebook_renamed"])


def test_of_several_notebooks_the_right_name_wins_and_the_others_are_listed(folder, tidied):
    for name in ("tiny.ipynb", "tiny (1).ipynb", "zebra.ipynb"):
        (folder / name).write_bytes(b"{}")
    hand_in = tidied()
    assert hand_in.notebook == folder / "tiny.ipynb"
    assert hand_in.repairs[0].message == "besides tiny.ipynb there is tiny (1).ipynb, zebra.ipynb; not graded"


def test_of_several_similar_names_the_one_with_the_questions_wins_then_the_newest(folder, tidied):
    for age, name in enumerate(("tiny (3).ipynb", "tiny (2).ipynb", "tiny (1).ipynb")):
        (folder / name).write_bytes(b'{"cells": ["halve", "quarter"]}' if age else b"{}")
        os.utime(folder / name, (1000 - age, 1000 - age))
    assert tidied().notebook == folder / "tiny (2).ipynb"


STUBS = {name: f"def {name}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError" for name in RIGHT_TINY}


@pytest.fixture
def released(tiny, hand_in) -> bytes:
    """The release of the tiny assignment, which is in its place then."""
    content = hand_in(**STUBS)
    tiny.release_dir.mkdir(parents=True)
    (tiny.release_dir / "tiny.ipynb").write_bytes(content)
    return content


def run(content: bytes) -> bytes:
    """Return the notebook as it is when its cells were run and nothing was written."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = 7
            cell.outputs = [nbformat.v4.new_output("stream", text="7")]
    return nbformat.writes(notebook).encode()


def test_the_release_as_it_was_handed_out_is_not_graded_beside_a_notebook_that_was_filled_in(
    folder, tidied, released, hand_in
):
    (folder / "tiny.ipynb").write_bytes(run(released))
    (folder / "tiny (1).ipynb").write_bytes(hand_in(**{**STUBS, "halve": RIGHT_TINY["halve"]}))
    hand_in = tidied()
    assert hand_in.notebook == folder / "tiny (1).ipynb"
    assert codes(hand_in) == ["notebook_renamed", "notebooks_left_aside"]


def test_nor_is_it_in_another_language(folder, tidied, released, hand_in):
    translated = released.replace(b"# YOUR CODE HERE", "# 여기에 코드".encode())
    (folder / "tiny.ipynb").write_bytes(translated)
    (folder / "homework.ipynb").write_bytes(hand_in())
    assert tidied().notebook == folder / "homework.ipynb"


def test_an_answer_in_prose_is_something_written(folder, tidied, tiny, released):
    def with_answer(text: str) -> bytes:
        notebook = nbformat.reads(released.decode(), as_version=4)
        nbgrader = {"grade_id": "why", "grade": True, "solution": True, "points": 1}
        notebook.cells.append(nbformat.v4.new_markdown_cell(text, metadata={"nbgrader": nbgrader}))
        return nbformat.writes(notebook).encode()

    (tiny.release_dir / "tiny.ipynb").write_bytes(with_answer("YOUR ANSWER HERE"))
    (folder / "tiny.ipynb").write_bytes(with_answer("YOUR ANSWER HERE"))
    (folder / "tiny (1).ipynb").write_bytes(with_answer("Because."))
    assert tidied().notebook == folder / "tiny (1).ipynb"


@pytest.mark.parametrize("damaged", [b"", b'{"cells": [', b"{}"])
def test_what_is_no_notebook_is_not_graded_beside_one(folder, tidied, hand_in, damaged):
    (folder / "tiny.ipynb").write_bytes(damaged)
    (folder / "tiny (1).ipynb").write_bytes(hand_in())
    assert tidied().notebook == folder / "tiny (1).ipynb"


def test_where_something_was_written_in_both_or_in_none_the_right_name_wins(folder, tidied, released, hand_in, tiny):
    for content in (released, hand_in()):
        for name in ("tiny.ipynb", "tiny (1).ipynb"):
            (folder / name).write_bytes(content)
        assert find_hand_in(folder, "ada", tiny).notebook == folder / "tiny.ipynb"


def test_without_a_release_the_right_name_wins(folder, tidied, hand_in):
    (folder / "tiny.ipynb").write_bytes(hand_in(**STUBS))
    (folder / "tiny (1).ipynb").write_bytes(hand_in())
    assert tidied().notebook == folder / "tiny.ipynb"


def test_of_equals_the_name_that_counts_highest_is_taken(folder, tidied, hand_in):
    for name in ("v1.ipynb", "v10.ipynb", "v9.ipynb"):
        (folder / name).write_bytes(hand_in())
        os.utime(folder / name, (1000, 1000))
    assert tidied().notebook == folder / "v10.ipynb"


def test_a_notebook_that_we_may_not_read_is_our_fault_also_beside_another(folder, tidied, hand_in, monkeypatch):
    (folder / "tiny.ipynb").write_bytes(hand_in())
    (folder / "tiny (1).ipynb").write_bytes(hand_in())
    open_of_system = os.open

    def refuse(path, *rest, **kw):
        if Path(path) == folder / "tiny.ipynb":
            raise PermissionError(13, "Permission denied", str(path))
        return open_of_system(path, *rest, **kw)

    monkeypatch.setattr(os, "open", refuse)  # the superuser may read everything
    assert tidied().end_state is EndState.GRADER_ERROR


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([], "submitted/ada/tiny is empty; expected tiny.ipynb in it"),
        (["a.pdf", "b.txt"], "submitted/ada/tiny holds no notebook, only a.pdf, b.txt; expected tiny.ipynb"),
    ],
)
def test_a_folder_without_a_notebook_is_missing_with_the_reason(folder, tidied, clean_files, others, reason):
    for name in others:
        (folder / name).touch()
    hand_in = tidied()
    assert (hand_in.end_state, hand_in.reason, hand_in.notebook) == (EndState.MISSING, reason, None)
    assert clean_files() == set()


def test_nothing_handed_in_is_missing_with_the_reason(folder, tidied):
    folder.rmdir()
    assert tidied().reason == "nothing was handed in; expected submitted/ada/tiny/tiny.ipynb"


def test_a_file_in_the_place_of_a_folder_is_missing_with_the_reason(folder, tiny):
    folder.rmdir()
    folder.write_text("mine")
    hand_in = find_hand_in(folder, "ada", tiny)
    assert hand_in.end_state is EndState.MISSING
    assert hand_in.reason.startswith("tiny is a file; expected a folder")
    folder.unlink()
    folder.parent.rmdir()
    folder.parent.write_text("mine")
    assert find_hand_in(folder, "ada", tiny).reason.startswith("ada is a file; expected a folder")


def test_a_link_in_the_place_of_the_folder_is_not_followed(folder, tidied, tiny):
    folder.rmdir()
    folder.symlink_to(tiny.source_dir)
    hand_in = tidied()
    assert (hand_in.end_state, hand_in.notebook) == (EndState.MISSING, None)
    assert "submitted/ada/tiny is a link, which is not followed" in hand_in.reason


def test_links_pipes_and_sockets_are_left_aside_and_never_opened(folder, tidied, clean_files, tiny, monkeypatch):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "solution.py").symlink_to(tiny.hidden_dir / "solution.py")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "below").mkdir()
    (folder / "below" / "gradebook.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
    hand_in = tidied()
    assert clean_files() == set()
    assert hand_in.repairs[-1].message == (
        "left aside, because it is not needed for the marks: below/gradebook.txt (a link), loop (a link), "
        "pipe.txt (not an ordinary file), socket.txt (not an ordinary file), solution.py (a link)"
    )


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_only_named_like_the_notebook_goes_to_the_grader_unopened(folder, tidied, clean_files, tiny, kind):
    place = folder / "tiny.ipynb"
    match kind:
        case "link":
            place.symlink_to(tiny.source_notebook)
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
    assert tidied().notebook == place
    assert clean_files() == set()


def test_a_regular_notebook_beside_a_link_with_the_right_name_is_taken(folder, tidied):
    (folder / "tiny.ipynb").symlink_to("/etc/passwd")
    (folder / "tiny (1).ipynb").write_bytes(b"{}")
    hand_in = tidied()
    assert hand_in.notebook == folder / "tiny (1).ipynb"
    assert codes(hand_in) == ["notebook_renamed", "notebooks_left_aside"]


def test_files_are_bounded_in_size_number_and_depth(folder, tidied, clean_files):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    with (folder / "big.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    for number in range(MAX_FILES + 5):
        (folder / f"n{number:03}.txt").touch()
    deep = folder.joinpath(*["d"] * 30)
    deep.mkdir(parents=True)
    (deep / "deep.txt").touch()
    hand_in = tidied()
    assert len(clean_files()) == MAX_FILES
    told = " ".join(repair.message for repair in hand_in.repairs)
    assert "big.txt (too large or too many)" in told
    assert "the folder d, 5 folders deep" in told


def test_what_a_browser_would_execute_is_left_aside(folder, tidied, clean_files):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    for name in ("page.html", "picture.svg", "script.js", "document.pdf", "noname"):
        (folder / name).write_text("<script>alert(1)</script>")
    (folder / "false.png").write_text("<script>alert(1)</script>")
    (folder / "true.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    hand_in = tidied()
    assert clean_files() == {"true.png"}
    assert "false.png (not a PNG image)" in hand_in.repairs[0].message


def test_files_of_the_release_that_came_along_in_a_clone_are_no_repair(folder, tidied, tiny):
    for place in (tiny.source_dir, folder):
        (place / "images").mkdir(parents=True, exist_ok=True)
        (place / "images/outline.svg").write_text("<svg/>")
    (folder / "tiny.ipynb").write_text("{}")
    (folder / "images/mine.svg").write_text("<svg/>")
    (repair,) = tidied().repairs
    assert "images/mine.svg" in repair.message
    assert "outline.svg" not in repair.message


def test_a_folder_in_the_place_of_a_released_file_does_not_stop_nbgrader(folder, tidied, clean_files):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "public_tests.py").mkdir()
    (folder / "public_tests.py" / "x.txt").touch()
    hand_in = tidied()
    assert clean_files() == set()
    assert "public_tests.py/x.txt (in the place of a file of the release)" in hand_in.repairs[0].message


@pytest.mark.parametrize(
    "content", [b"yesterday-ish", b"\xff\xfe", b"x" * 5000, b"9999999999999999999", b"0001-01-01 +14"]
)
def test_a_broken_timestamp_costs_the_timestamp_only(folder, tidied, clean_files, content):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "timestamp.txt").write_bytes(content)
    assert codes(tidied()) == ["timestamp_left_aside"]
    assert clean_files() == set()


def test_a_notebook_that_we_may_not_read_is_our_fault_and_no_mark(folder, tidied, monkeypatch):
    (folder / "tiny.ipynb").write_bytes(b"{}")

    open_of_system = os.open

    def refuse(path, *rest, **kw):
        if Path(path).is_relative_to(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return open_of_system(path, *rest, **kw)

    monkeypatch.setattr(os, "open", refuse)  # the superuser may read everything
    hand_in = tidied()
    assert (hand_in.end_state, hand_in.notebook) == (EndState.GRADER_ERROR, None)
    assert hand_in.reason == "tiny.ipynb cannot be read (Permission denied); mend that and grade again"


def test_nothing_that_was_handed_in_is_changed(folder, tidied):
    (folder / "sub").mkdir()
    for name in ("Tiny (2).ipynb", "page.html", "sub/a.txt", "timestamp.txt"):
        (folder / name).write_text(name)
    (folder / "link").symlink_to("sub")

    def state():
        return [(str(path), path.lstat().st_mtime_ns, path.is_symlink()) for path in sorted(folder.rglob("*"))]

    before = state()
    tidied()
    assert state() == before


def test_everyone_with_something_in_submitted_is_a_student(tiny_course):
    submitted = tiny_course / "submitted"
    assert students_in(submitted) == ()
    for folder in ("ada/tiny", "bob", "cyd/other"):
        (submitted / folder).mkdir(parents=True)
    for name in ("README.md", ".gitkeep", "eve.ipynb", "fay.zip", "gus"):
        (submitted / name).touch()
    assert students_in(submitted) == ("ada", "bob", "cyd", "eve", "fay", "gus")


@pytest.mark.parametrize("name", ["ada", "ada.lovelace@example.org", "Åsa Öberg", "12345", "o'neill", "李雷"])
def test_a_students_name_may_be_any_word(name):
    assert is_student_id(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", " ada", "ada ", "a\nb", "<b>", "*", ".hidden", "a" * 101]
)
def test_a_path_or_markup_is_no_students_name(name, tidied):
    assert not is_student_id(name)
    hand_in = tidied(name)
    assert hand_in.end_state is EndState.GRADER_ERROR
    assert "cannot be a student's name here" in hand_in.reason


def test_a_name_in_macos_spelling_is_told_what_to_do(tmp_path, tiny):
    hand_in = find_hand_in(tmp_path, "Mu\u0308ller", tiny)
    assert "is stored with letters and accents apart, as macOS may do" in hand_in.reason


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01 10:00:00 UTC", "2026-03-01T10:00:00"),
        ("2026-03-01 10:00:00.25 UTC\n", "2026-03-01T10:00:00.250000"),
        ("2026-03-01 10:00:00 Europe/Berlin", "2026-03-01T09:00:00"),
        ("2026-03-01 10:00:00 -3600", "2026-03-01T11:00:00"),
        ("2026-03-01T10:00:00+05:30", "2026-03-01T04:30:00"),
        ("2026-03-01 10:00", "2026-03-01T10:00:00"),
        ("", None),
    ],
)
def test_the_time_of_hand_in_is_read_as_nbgrader_reads_it(folder, tidied, text, utc):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "timestamp.txt").write_text(text)
    hand_in = tidied()
    assert (hand_in.timestamp, hand_in.repairs) == (utc, ())
    assert utc is None or parse_utc(text.strip()).isoformat() == utc


@pytest.mark.parametrize("zone", ["/etc/localtime", "../../etc/localtime", ":/etc/localtime"])
def test_a_time_zone_that_names_a_file_is_not_looked_up(zone):
    with pytest.raises(ValueError, match="no name of a time zone"):
        utc_time(f"2026-03-01 10:00:00 {zone}")


def test_looking_copies_nothing(folder, tiny, tiny_course):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "notes.txt").write_text("mine")
    before = sorted(tiny_course.rglob("*"))
    find_hand_in(folder, "ada", tiny)
    assert sorted(tiny_course.rglob("*")) == before


CHANGES = {
    "the notebook": lambda folder: (folder / "tiny.ipynb").write_bytes(b"{ }"),
    "its name": lambda folder: (folder / "tiny.ipynb").rename(folder / "tiny (1).ipynb"),
    "another file": lambda folder: (folder / "notes.txt").write_text("ours"),
    "the name of another file": lambda folder: (folder / "notes.txt").rename(folder / "note.txt"),
    "the time": lambda folder: (folder / "timestamp.txt").write_text("2026-03-02 10:00:00 UTC"),
    "no time": lambda folder: (folder / "timestamp.txt").unlink(),
    "something left aside": lambda folder: (folder / "page.html").touch(),
    "no notebook": lambda folder: (folder / "tiny.ipynb").unlink(),
    "a link": lambda folder: ((folder / "tiny.ipynb").unlink(), (folder / "tiny.ipynb").symlink_to("notes.txt")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_digest_tells_every_change_that_matters(folder, tiny, change):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "notes.txt").write_text("mine")
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    before = find_hand_in(folder, "ada", tiny).digest
    change(folder)
    assert find_hand_in(folder, "ada", tiny).digest != before


def test_the_digest_is_that_of_the_content_wherever_and_whenever_it_was_written(folder, tiny, tmp_path):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "notes.txt").write_text("mine")
    (folder / ".ipynb_checkpoints").mkdir()
    elsewhere = tmp_path / "other" / "submitted" / "ada" / "tiny"
    elsewhere.mkdir(parents=True)
    for name in ("tiny.ipynb", "notes.txt"):
        (elsewhere / name).write_bytes((folder / name).read_bytes())
        os.utime(elsewhere / name, (1, 1))
    assert find_hand_in(elsewhere, "ada", tiny).digest == find_hand_in(folder, "ada", tiny).digest


def test_a_notebook_that_is_too_large_is_not_read_for_its_digest(folder, tiny):
    with (folder / "tiny.ipynb").open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)
    assert find_hand_in(folder, "ada", tiny).notebook_sha256 == ""


def test_a_file_that_changes_before_it_is_copied_is_said(folder, tiny, tmp_path):
    (folder / "tiny.ipynb").write_bytes(b"{}")
    (folder / "notes.txt").write_text("mine")
    hand_in = find_hand_in(folder, "ada", tiny)
    (folder / "notes.txt").unlink()
    (folder / "notes.txt").symlink_to(tiny.hidden_dir / "solution.py")
    with pytest.raises(StepgradeError, match=r"notes\.txt changed while it was graded; grade again"):
        copy_hand_in(hand_in, tmp_path)
    assert list(tmp_path.glob("*.txt")) == []
