"""What Moodle, Canvas, clones and nbgrader's tree become below ``submitted/``, hostile senders included."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import stat
import subprocess
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stepgrade.course.arrivals import Collected, Fate, clones, collect, shelf, source
from stepgrade.course.arrivals.batch import Sender
from stepgrade.course.arrivals.clones import CommitClock
from stepgrade.course.arrivals.owners import owner_of
from stepgrade.course.handin.timestamp import timestamp_text, utc_time
from stepgrade.course.roster import Roster
from stepgrade.errors import NoSuchFile, StepgradeError, UsageError

ADA = "Ada Lovelace_4711_assignsubmission_file_"


@pytest.fixture
def zipped(tmp_path):
    """``zipped({name: content})``: a zip of these entries; a `ZipInfo` as name says more than a name."""

    def write(entries: dict[str | zipfile.ZipInfo, bytes | str], name: str = "all.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return path

    return write


@pytest.fixture
def roster(tmp_path):
    def read(text: str) -> Roster:
        (tmp_path / "roster.csv").write_text(text)
        return Roster.read(tmp_path / "roster.csv")

    return read


@pytest.fixture
def submitted(tiny_course):
    """``submitted()``: every file below ``submitted/`` with its content."""

    def files() -> dict[str, str]:
        return contents(tiny_course / "submitted")

    return files


@pytest.fixture
def earlier(tiny_course):
    def files() -> dict[str, str]:
        return contents(tiny_course / ".stepgrade" / "earlier" / "tiny")

    return files


def contents(folder: Path) -> dict[str, str]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "README.md"]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def notebook(text: str) -> str:
    """Return a notebook; where a test is not about reading one, any text stands for it."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def reasons(collected: Collected) -> dict[str, str]:
    return {line.origin: line.detail for line in collected.of(Fate.LEFT_ASIDE)}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def git(clone: Path, *arguments: str, time: int = 1_770_000_000) -> None:
    clone.mkdir(parents=True, exist_ok=True)
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_COMMITTER_DATE": f"{time} +0100"}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@x.org")
    subprocess.run(["git", *who, *arguments], cwd=clone, check=True, capture_output=True, env=os.environ | own)


@pytest.fixture
def clone(tmp_path):
    """``clone("tiny-ada")``: a clone with one commit, of 2026-02-02 02:40:00 UTC."""

    def make(name: str, content: str = "mine") -> Path:
        path = tmp_path / "clones" / name
        git(path, "init", "-q", "-b", "main")
        written(path, {"tiny.ipynb": content, "notes.txt": "n"})
        git(path, "add", ".")
        git(path, "commit", "-qm", "done")
        return path

    return make


@pytest.mark.parametrize(
    "name",
    [
        f"{ADA}/tiny.ipynb",
        "Ada Lovelace_4711_assignsubmission_file/tiny.ipynb",
        f"{ADA}tiny.ipynb",
        f"{ADA}\\tiny.ipynb",
        f"Course-Tiny-99/{ADA}/tiny.ipynb",
    ],
)
def test_moodles_names_are_understood(zipped, tiny, submitted, name):
    collect(zipped({name: "hers"}), tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "hers"}


def test_moodles_folders_keep_what_is_in_them(zipped, tiny, submitted):
    collect(zipped({f"{ADA}/my work/tiny.ipynb": "a", f"{ADA}/my work/data/x.csv": "b"}), tiny)
    assert submitted() == {
        "moodle-4711/tiny/my work/tiny.ipynb": "a",
        "moodle-4711/tiny/my work/data/x.csv": "b",
    }


def test_an_unpacked_zip_is_read_like_the_zip(tmp_path, tiny, submitted):
    collect(written(tmp_path / "unpacked", {f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "hers"}


def test_online_text_is_listed_and_not_taken(zipped, tiny, submitted):
    text = "Ada Lovelace_4711_assignsubmission_onlinetext_/onlinetext.html"
    collected = collect(zipped({text: "hello", f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert reasons(collected) == {text: "Moodle's onlinetext, not a file that was handed in"}
    assert not collected.complete
    assert list(submitted().values()) == ["hers"]


def test_two_of_one_name_stay_two(zipped, tiny, submitted):
    collect(zipped({f"Bo Li_{n}_assignsubmission_file_/tiny.ipynb": str(n) for n in (1, 2)}), tiny)
    assert submitted() == {"moodle-1/tiny/tiny.ipynb": "1", "moodle-2/tiny/tiny.ipynb": "2"}


@pytest.mark.parametrize("name", ["Blue Team_17", "Blue Team-Ada Lovelace_4711"])
def test_a_groups_hand_in_counts_for_every_member(zipped, tiny, submitted, roster, name):
    course = roster("student,group,name\nada,Blue Team,Ada Lovelace\nbob,Blue Team,Bob Bu\ncy,Red,Cy Co\n")
    collect(zipped({f"{name}_assignsubmission_file_/tiny.ipynb": "ours"}), tiny, course)
    assert submitted() == {"ada/tiny/tiny.ipynb": "ours", "bob/tiny/tiny.ipynb": "ours"}


def test_what_is_left_aside_of_a_groups_hand_in_is_listed_once(zipped, tiny, roster):
    course = roster("student,group\nada,Blue\nbob,Blue\n")
    folder = "Blue_17_assignsubmission_file_"
    files = {f"{folder}/tiny.ipynb": "a", f"{folder}/x": "b", f"{folder}/x/y": "c"}
    assert len(collect(zipped(files), tiny, course).of(Fate.LEFT_ASIDE)) == 1


def test_moodles_default_group_is_nobody(zipped, tiny):
    names = {"Default group_assignsubmission_file_/tiny.ipynb": "?", f"{ADA}/tiny.ipynb": "hers"}
    collected = collect(zipped(names), tiny)
    assert [line.origin for line in collected.of(Fate.LEFT_ASIDE)] == ["Default group"]


@pytest.mark.parametrize("name", ["Žofie Nováková", "李 明", "عائشة", "O'Brien-Smith", "Zoe\u0308 Ng"])
def test_names_of_any_script_find_their_row(zipped, tiny, submitted, roster, name):
    course = roster(f"student,name\nz1,{unicodedata.normalize('NFC', name)}\n")
    collect(zipped({f"{name}_5_assignsubmission_file_/tiny.ipynb": "z"}), tiny, course)
    assert submitted() == {"z1/tiny/tiny.ipynb": "z"}


def test_a_name_in_utf8_that_does_not_say_so_is_read(tmp_path, tiny, submitted, roster):
    name = f"{'Žofie'}_5_assignsubmission_file_/tiny.ipynb"
    placeholder = "z" * len(name.encode())
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(placeholder, "z")
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), name.encode()))
    collect(path, tiny, roster("student,name\nz1,Žofie\n"))
    assert submitted() == {"z1/tiny/tiny.ipynb": "z"}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("lovelaceada_67_8901_tiny.ipynb", "canvas-67"),
        ("lovelaceada_LATE_67_8901_tiny.ipynb", "canvas-67"),
        ("lovelaceada_67_8901_tiny-3.ipynb", "canvas-67"),
        ("67_8901_tiny.ipynb", "canvas-67"),
        ("anon_x7Rk2_8901_tiny.ipynb", "canvas-anon-x7Rk2"),
        ("lovelaceada_late_67_8901_2_3_tiny.ipynb", "canvas-67"),
    ],
)
def test_canvas_names_are_understood(zipped, tiny, submitted, name, student):
    collect(zipped({name: "hers"}), tiny)
    assert list(submitted().values()) == ["hers"]
    assert next(iter(submitted())).startswith(f"{student}/tiny/")


def test_of_a_name_handed_in_again_the_newest_counts_and_the_others_are_kept(zipped, tiny, submitted, earlier):
    files = {
        "a_67_9_tiny.ipynb": "1st",
        "a_67_11_tiny-2.ipynb": "3rd",
        "a_67_10_tiny-1.ipynb": "2nd",
        "a_67_12_x.csv": "x",
    }
    collected = collect(zipped(files), tiny)
    assert submitted() == {"canvas-67/tiny/tiny.ipynb": "3rd", "canvas-67/tiny/x.csv": "x"}
    assert earlier() == {"canvas-67/1/tiny.ipynb": "1st", "canvas-67/2/tiny.ipynb": "2nd"}
    assert len(collected.of(Fate.EARLIER)) == 2


def test_files_that_only_look_numbered_are_all_taken(zipped, tiny, submitted):
    collect(zipped({"a_67_9_part-1.ipynb": "1", "a_67_8_part-2.ipynb": "2", "a_67_7_x.csv": "x"}), tiny)
    assert set(submitted()) == {f"canvas-67/tiny/{name}" for name in ("part-1.ipynb", "part-2.ipynb", "x.csv")}


def test_late_without_a_time_is_said_and_costs_nothing(zipped, tiny, tiny_course):
    collected = collect(zipped({"a_LATE_67_9_tiny.ipynb": "1"}), tiny)
    assert "Canvas says LATE" in collected.of(Fate.TAKEN)[0].detail
    assert timestamp_text(tiny_course / "submitted" / "canvas-67" / "tiny") is None


def test_canvas_finds_students_by_number_and_by_its_own_spelling(zipped, tiny, submitted, roster):
    course = roster('student,name,lms_id\nada,"Lovelace, Ada",\nbob,Bob Bu,68\n')
    a, b = notebook("a"), notebook("b")
    collected = collect(zipped({"lovelaceada_67_9_tiny.ipynb": a, "bubob_68_9_tiny.ipynb": b}), tiny, course)
    assert submitted() == {"ada/tiny/tiny.ipynb": a, "bob/tiny/tiny.ipynb": b}
    notes = {line.student: line.detail for line in collected.of(Fate.TAKEN)}
    assert notes == {"ada": "", "bob": ""}


@pytest.mark.parametrize(
    ("lms_id", "expected"),
    [("", {"moodle-1": "1", "moodle-2": "2"}), ("2", {"moodle-1": "1", "bo": "2"})],
)
def test_somebody_of_the_same_name_is_not_the_one_in_the_roster(zipped, tiny, submitted, roster, lms_id, expected):
    files = {f"Bo Li_{n}_assignsubmission_file_/tiny.ipynb": str(n) for n in (1, 2)}
    collected = collect(zipped(files), tiny, roster(f"student,name,lms_id\nbo,Bo Li,{lms_id}\n"))
    assert submitted() == {f"{student}/tiny/tiny.ipynb": text for student, text in expected.items()}
    assert all("2 people are named like bo" in line.detail for line in collected.of(Fate.UNKNOWN))
    assert not collected.complete


def test_who_is_named_like_a_group_does_not_hand_in_for_it(zipped, tiny, submitted, roster):
    course = roster("student,group,lms_id\nada,Blue,67\neve,,99\n")
    collect(zipped({"blue_99_9_tiny.ipynb": "e", "blue_67_8_tiny.ipynb": "a"}), tiny, course)
    assert submitted() == {"eve/tiny/tiny.ipynb": "e", "ada/tiny/tiny.ipynb": "a"}


def test_who_is_not_in_the_roster_is_taken_and_listed(zipped, tiny, submitted, roster):
    collected = collect(zipped({"eve_99_9_tiny.ipynb": "e"}), tiny, roster("student,lms_id\nada,67\n"))
    assert submitted() == {"canvas-99/tiny/tiny.ipynb": "e"}
    assert [str(line) for line in collected.of(Fate.UNKNOWN)] == [
        "not in the roster: canvas-99: eve_99_9_tiny.ipynb (no row of the roster fits; taken as canvas-99)"
    ]
    assert not collected.complete


def test_the_times_in_an_lms_zip_are_no_times_of_hand_in(zipped, tiny, tiny_course):
    collect(zipped({zipfile.ZipInfo(f"{ADA}/tiny.ipynb", (2026, 3, 1, 12, 0, 0)): "x"}), tiny)
    assert timestamp_text(tiny_course / "submitted" / "moodle-4711" / "tiny") is None


def test_they_are_where_their_zone_is_named(zipped, tiny, tiny_course):
    entry = zipfile.ZipInfo(f"{ADA}/tiny.ipynb", (2026, 3, 1, 12, 0, 0))
    collect(zipped({entry: "x"}), tiny, zip_times=ZoneInfo("Europe/Berlin"))
    note = timestamp_text(tiny_course / "submitted" / "moodle-4711" / "tiny")
    assert (note, utc_time(note)) == ("2026-03-01 11:00:00 UTC", "2026-03-01T11:00:00")


@pytest.mark.parametrize("digits", [b"\0\0\0\0", b"\0\0\x21\0", b"\xff\xff\xff\xff"])
def test_a_time_that_the_zip_does_not_have_is_none(zipped, tiny, tiny_course, digits):
    """The bytes are a time and a date of DOS: the 0th of month 0; the first of 1980; nothing that there is."""
    when = (2026, 3, 1, 12, 0, 0)
    path = zipped({zipfile.ZipInfo(f"{ADA}/{name}", when): "x" for name in ("tiny.ipynb", "notes.txt")})
    content = path.read_bytes()
    named = content.rindex(b"tiny.ipynb") - len(f"{ADA}/") - 46  # the entry of the zip's directory
    assert content[named : named + 4] == b"PK\x01\x02"
    path.write_bytes(content[: named + 12] + digits + content[named + 16 :])
    collected = collect(path, tiny, zip_times=ZoneInfo("Europe/Berlin"))
    assert timestamp_text(tiny_course / "submitted" / "moodle-4711" / "tiny") is None
    assert "no time of hand-in" in collected.of(Fate.TAKEN)[0].detail


@pytest.mark.parametrize("name", ["timestamp.txt", "Timestamp.TXT"])
def test_a_students_own_timestamp_is_not_believed(zipped, tiny, submitted, name):
    collected = collect(zipped({f"{ADA}/tiny.ipynb": "x", f"{ADA}/{name}": "2020-01-01 00:00:00 UTC"}), tiny)
    assert set(submitted()) == {"moodle-4711/tiny/tiny.ipynb"}
    assert "not theirs to say" in reasons(collected)[f"{ADA}/{name}"]


def test_running_it_again_changes_nothing(zipped, tiny, tiny_course, submitted):
    path = zipped({"a_67_9_tiny.ipynb": "1st", "a_67_11_tiny-2.ipynb": "3rd", "b_68_10_tiny.ipynb": "b"})
    collect(path, tiny)
    before = {path: path.stat().st_mtime_ns for path in tiny_course.rglob("*") if ".lock" not in path.name}
    del before[tiny_course / ".stepgrade"]  # it has a folder aside for a moment
    again = collect(path, tiny)
    after = {path: path.stat().st_mtime_ns for path in before}
    assert after == before
    assert not again.of(Fate.TAKEN)
    assert [line.student for line in again.of(Fate.UNCHANGED)] == ["canvas-67", "canvas-68"]
    assert not list((tiny_course / ".stepgrade").glob("collect-*"))


def test_what_lay_there_before_is_kept(zipped, tiny, tiny_course, submitted, earlier):
    written(tiny_course / "submitted", {"moodle-4711/tiny/tiny.ipynb": "old", "moodle-4711/other/o.ipynb": "o"})
    collect(zipped({f"{ADA}/tiny.ipynb": "new"}), tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "new", "moodle-4711/other/o.ipynb": "o"}
    assert earlier() == {"moodle-4711/1/tiny.ipynb": "old"}


def test_an_older_source_does_not_replace_a_newer_hand_in(tmp_path, tiny, submitted, earlier):
    for day, content in (("02", "new"), ("01", "old"), ("01", "old")):
        files = {"ada/tiny/tiny.ipynb": content, "ada/tiny/timestamp.txt": f"2026-03-{day} 10:00:00 UTC\n"}
        collected = collect(written(tmp_path / content, files), tiny)
    assert submitted()["ada/tiny/tiny.ipynb"] == "new"
    assert set(earlier()) == {"ada/20260301T100000Z/tiny.ipynb", "ada/20260301T100000Z/timestamp.txt"}
    assert "what is there is newer, of 2026-03-02 10:00:00 UTC" in collected.of(Fate.EARLIER)[0].detail


def test_the_same_files_at_another_time_are_another_hand_in(clone, tiny, submitted, earlier):
    path = clone("ada")
    collect(path.parent, tiny)
    git(path, "commit", "-q", "--allow-empty", "-m", "again", time=1_770_003_600)
    collect(path.parent, tiny)
    assert submitted()["ada/tiny/timestamp.txt"] == "2026-02-02 03:40:00 UTC\n"
    assert "ada/20260202T024000Z/tiny.ipynb" in earlier()


def test_nothing_is_lost_when_the_swap_is_interrupted(zipped, tiny, tiny_course, submitted, earlier, monkeypatch):
    written(tiny_course / "submitted", {"moodle-4711/tiny/tiny.ipynb": "old"})
    path = zipped({f"{ADA}/tiny.ipynb": "new"})
    rename = shelf._rename

    def stopped(source: Path, target: Path) -> None:
        if "submitted" in target.parts:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(shelf, "_rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        collect(path, tiny)
    assert list(earlier().values()) == ["old"]
    monkeypatch.undo()
    collect(path, tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "new"}


def test_only_one_collects_at_a_time(zipped, tiny, tiny_course):
    (tiny_course / ".stepgrade").mkdir()
    with (tiny_course / ".stepgrade" / "collect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StepgradeError, match="somebody collects"):
            collect(zipped({f"{ADA}/tiny.ipynb": "x"}), tiny)


def test_where_nothing_can_be_locked_the_reason_is_told(zipped, tiny, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StepgradeError, match=r"collect\.lock cannot be locked \(No locks available\); put the course"):
        collect(zipped({f"{ADA}/tiny.ipynb": "x"}), tiny)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{ADA}/../../../evil.ipynb", "a path that leads elsewhere"),
        (f"{ADA}/..\\..\\evil.ipynb", "a path that leads elsewhere"),
        ("/etc/evil.ipynb", "an absolute path"),
        ("C:\\evil.ipynb", "an absolute path"),
        ("C:/evil.ipynb", "an absolute path"),
        (f"{ADA}//evil.ipynb", "a path that leads elsewhere"),
        (f"{ADA}/a\nb.ipynb", "a name with control characters"),
        (f"{ADA}/{'x' * 300}.ipynb", "a name of more than 200 bytes"),
        (f"{ADA}/{'d/' * 20}evil.ipynb", "more than 12 folders deep"),
    ],
)
def test_a_path_that_leads_elsewhere_is_left_aside(zipped, tiny, tmp_path, submitted, name, reason):
    before = {path for path in tmp_path.rglob("*") if "submitted" not in path.parts}
    collected = collect(zipped({name: "evil", f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert reasons(collected) == {name.replace("\\", "/"): reason}
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "hers"}
    outside = {path for path in tmp_path.rglob("*") if not {"submitted", ".stepgrade"} & set(path.parts)}
    assert outside - before == {tmp_path / "all.zip"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_left_aside(zipped, tiny, tiny_course, kind):
    link = zipfile.ZipInfo(f"{ADA}/secret.txt")
    link.create_system, link.external_attr = 3, (kind | 0o777) << 16
    collected = collect(zipped({link: "/etc/passwd", f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert list(reasons(collected)) == [f"{ADA}/secret.txt"]
    assert not os.path.lexists(tiny_course / "submitted" / "moodle-4711" / "tiny" / "secret.txt")


def test_a_bomb_is_counted_while_it_is_read(zipped, tiny, submitted, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_FILE_BYTES", 2**20)
    collected = collect(zipped({f"{ADA}/bomb.csv": b"\0" * 2**24, f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert reasons(collected) == {f"{ADA}/bomb.csv": "more than 1 MiB"}
    assert list(submitted()) == ["moodle-4711/tiny/tiny.ipynb"]


def test_reading_stops_at_the_bound(tmp_path):
    class Endless(io.RawIOBase):
        reads = 0

        def read(self, size: int = -1) -> bytes:
            self.reads += 1
            assert self.reads < 9
            return b"x" * size

    endless = Endless()
    entry = source.Entry(("x.csv",), datetime(2026, 3, 1, tzinfo=UTC), lambda: endless)
    room = 3 * 2**20
    assert shelf._copy(entry, tmp_path / "x.csv", room) == (room, "more than 3 MiB")
    assert endless.reads == 4
    assert not (tmp_path / "x.csv").exists()


def test_a_size_that_the_zip_lies_about_is_not_believed(zipped, tiny, submitted):
    path = zipped({f"{ADA}/tiny.ipynb": b"\0" * 2**20})
    content = path.read_bytes().replace((2**20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(content)
    collected = collect(path, tiny)
    assert "cannot be read" in reasons(collected)[f"{ADA}/tiny.ipynb"]
    assert submitted() == {}


def test_many_small_bombs_are_bounded_together(zipped, tiny, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_TOTAL_BYTES", 1000)
    files = {f"a_{n}_1_tiny.ipynb": "x" * 300 for n in range(5)}
    with pytest.raises(StepgradeError, match="collect it in smaller parts"):
        collect(zipped(files), tiny)


def test_one_hand_in_is_bounded_and_its_notebook_goes_first(zipped, tiny, submitted, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_HAND_IN_BYTES", 100)
    monkeypatch.setattr(shelf, "MAX_FILES", 2)
    files = {f"{ADA}/{n}.csv": "x" * 60 for n in range(4)} | {f"{ADA}/tiny.ipynb": "y" * 60}
    collected = collect(zipped(files), tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "y" * 60}
    assert len(reasons(collected)) == 4


def test_a_zip_with_too_many_entries_is_refused(zipped, tiny, monkeypatch):
    monkeypatch.setattr(source, "MAX_ENTRIES", 2)
    with pytest.raises(UsageError, match="more than 2 files"):
        collect(zipped({f"a_{n}_1_tiny.ipynb": "x" for n in range(3)}), tiny)


def test_names_that_differ_in_capitals_do_not_meet(zipped, tiny, submitted):
    collected = collect(zipped({f"{ADA}/tiny.ipynb": "a", f"{ADA}/Tiny.ipynb": "b", f"{ADA}/TINY.ipynb/x": "c"}), tiny)
    assert len(submitted()) == 2
    assert list(reasons(collected).values()) == ["the same name as another file, but for capitals"]


def test_a_file_and_a_folder_of_one_name_cost_only_one_of_them(zipped, tiny, submitted):
    collected = collect(zipped({f"{ADA}/tiny.ipynb": "a", f"{ADA}/data": "b", f"{ADA}/data/x": "c"}), tiny)
    assert reasons(collected) == {f"{ADA}/data/x": "a file and a folder of the same name"}
    assert len(submitted()) == 2


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_with_one_name_the_last_is_taken_and_the_other_listed(tmp_path, tiny, submitted):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(f"{ADA}/tiny.ipynb", "first")
        archive.writestr(f"{ADA}/tiny.ipynb", "last")
    collected = collect(tmp_path / "all.zip", tiny)
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "last"}
    assert "another one of this name" in reasons(collected)[f"{ADA}/tiny.ipynb"]


@pytest.mark.parametrize("noise", ["__MACOSX/._tiny.ipynb", ".DS_Store", f"{ADA}/.ipynb_checkpoints/tiny.ipynb"])
def test_what_file_managers_leave_is_passed_over(zipped, tiny, submitted, noise):
    collected = collect(zipped({noise: "?", f"{ADA}/tiny.ipynb": "hers"}), tiny)
    assert collected.complete
    assert list(submitted()) == ["moodle-4711/tiny/tiny.ipynb"]


def test_a_damaged_notebook_replaces_nothing(zipped, tiny, tiny_course, submitted):
    written(tiny_course / "submitted", {"moodle-4711/tiny/tiny.ipynb": "good"})
    path = zipped({f"{ADA}/tiny.ipynb": "new" * 50, f"{ADA}/notes.txt": "n"})
    content = bytearray(path.read_bytes())
    content[content.index(b"tiny.ipynb") + 12] ^= 0xFF
    path.write_bytes(content)
    collected = collect(path, tiny)
    assert "nothing of this hand-in is taken" in reasons(collected)[f"{ADA}/tiny.ipynb"]
    assert submitted() == {"moodle-4711/tiny/tiny.ipynb": "good"}


WITHOUT_A_NOTEBOOK = {
    "cut short": ({"tiny.ipynb": notebook("new")[:-9]}, "tiny.ipynb: the file is not JSON (line 1)"),
    "empty": ({"tiny.ipynb": ""}, "tiny.ipynb: the file is not JSON (line 1)"),
    "a document": ({"readme.docx": "x"}, "no notebook, only readme.docx"),
    "too deep": ({"a/b/tiny.ipynb": notebook("new")}, "no notebook, only a/b/tiny.ipynb"),
    "too large": ({"tiny.ipynb": notebook("new" * 2**20), "x.csv": "x"}, "tiny.ipynb: more than 1 MiB; no notebook"),
}


@pytest.mark.parametrize(("files", "reason"), WITHOUT_A_NOTEBOOK.values(), ids=WITHOUT_A_NOTEBOOK)
def test_what_cannot_be_graded_replaces_nothing_that_can(
    zipped, tiny, tiny_course, submitted, earlier, monkeypatch, files, reason
):
    monkeypatch.setattr(shelf, "MAX_FILE_BYTES", 2**20)
    good = {"moodle-4711/tiny/tiny.ipynb": notebook("good")}
    written(tiny_course / "submitted", good)
    path = zipped({f"{ADA}/{name}": content for name, content in files.items()})
    collected = collect(path, tiny)
    assert submitted() == good
    kept = {f"moodle-4711/1/{name}": content for name, content in files.items() if len(content) < 2**20}
    assert earlier() == kept
    line = next(line for line in collected.lines if line.student == "moodle-4711" and line.origin == ADA.split("_a")[0])
    assert (line.fate, reason in line.detail) == (Fate.LEFT_ASIDE, True)
    assert line.detail.endswith(
        "kept in .stepgrade/earlier/tiny/moodle-4711/1, what was there stays; "
        "to take it all the same, remove submitted/moodle-4711/tiny and collect again"
    )
    collect(path, tiny)
    assert (submitted(), earlier()) == (good, kept)


@pytest.mark.parametrize(("files", "reason"), WITHOUT_A_NOTEBOOK.values(), ids=WITHOUT_A_NOTEBOOK)
def test_where_nothing_was_it_is_taken_and_said(zipped, tiny, tiny_course, monkeypatch, files, reason):
    monkeypatch.setattr(shelf, "MAX_FILE_BYTES", 2**20)
    path = zipped({f"{ADA}/{name}": content for name, content in files.items()})
    assert reason in collect(path, tiny).of(Fate.TAKEN)[0].detail
    assert (tiny_course / "submitted" / "moodle-4711" / "tiny").is_dir()
    assert reason in collect(path, tiny).of(Fate.UNCHANGED)[0].detail


def test_what_cannot_be_graded_is_replaced_by_anything(zipped, tiny, tiny_course, submitted):
    written(tiny_course / "submitted", {"moodle-4711/tiny/tiny.ipynb": "damaged"})
    collect(zipped({f"{ADA}/readme.docx": "x"}), tiny)
    assert submitted() == {"moodle-4711/tiny/readme.docx": "x"}


def test_of_several_of_one_sender_the_newest_that_can_be_graded_counts(zipped, tiny, submitted, earlier):
    files = {"a_67_9_tiny.ipynb": notebook("1st"), "a_67_10_tiny-1.ipynb": notebook("2nd"), "a_67_11_tiny-2.ipynb": ""}
    path = zipped(files)
    collected = collect(path, tiny)
    assert submitted() == {"canvas-67/tiny/tiny.ipynb": notebook("2nd")}
    assert list(earlier().values()) == [notebook("1st"), ""]
    (line,) = collected.of(Fate.LEFT_ASIDE)
    assert line.origin == "a_67_11_tiny-2.ipynb"
    assert line.detail.endswith("kept in .stepgrade/earlier/tiny/canvas-67/2, the one before it counts")
    before = (submitted(), earlier())
    assert not collect(path, tiny).of(Fate.TAKEN)
    assert (submitted(), earlier()) == before


def test_one_that_is_damaged_on_its_way_does_not_hide_the_one_before_it(zipped, tiny, submitted):
    path = zipped({"a_67_9_tiny.ipynb": notebook("1st"), "a_67_10_tiny-1.ipynb": notebook("2nd")})
    content = bytearray(path.read_bytes())
    content[content.index(b"tiny-1.ipynb") + 14] ^= 0xFF
    path.write_bytes(content)
    assert "nothing of this hand-in is taken" in reasons(collect(path, tiny))["a_67_10_tiny-1.ipynb"]
    assert submitted() == {"canvas-67/tiny/tiny.ipynb": notebook("1st")}


def test_of_a_groups_hand_ins_the_newest_that_can_be_graded_counts(tmp_path, tiny, submitted, earlier, roster):
    for student, day, content in (("ada", 1, notebook("a")), ("bob", 2, "")):
        time = f"2026-03-0{day} 10:00:00 UTC\n"
        written(tmp_path / "tree", {f"{student}/tiny/tiny.ipynb": content, f"{student}/tiny/timestamp.txt": time})
    collect(tmp_path / "tree", tiny, roster("student,group\nada,blue\nbob,blue\n"))
    notebooks = {name: text for name, text in submitted().items() if name.endswith(".ipynb")}
    assert notebooks == {f"{student}/tiny/tiny.ipynb": notebook("a") for student in ("ada", "bob")}
    assert set(earlier()) == {f"bob/20260302T100000Z/{name}" for name in ("tiny.ipynb", "timestamp.txt")}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"%PDF"])
def test_what_is_no_zip_is_refused(tmp_path, tiny, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read as a zip"):
        collect(tmp_path / "x.zip", tiny)


def test_a_path_without_anything_is_named(tmp_path, tiny):
    with pytest.raises(NoSuchFile, match="does not exist"):
        collect(tmp_path / "none.zip", tiny)


def test_names_that_nobody_understands_are_refused(zipped, tiny):
    with pytest.raises(UsageError, match=r"holds 'essay\.pdf', and nothing that is understood"):
        collect(zipped({"essay.pdf": "x"}), tiny)


def test_a_clone_is_taken_with_the_time_of_its_commit(clone, tiny, tiny_course, submitted):
    path = clone("tiny-ada")
    collect(path.parent, tiny)
    assert submitted() == {
        "ada/tiny/notes.txt": "n",
        "ada/tiny/tiny.ipynb": "mine",
        "ada/tiny/timestamp.txt": "2026-02-02 02:40:00 UTC\n",
    }


@pytest.mark.parametrize("command", [("gc", "-q"), ("pack-refs", "--all"), ("checkout", "-q", "--detach")])
def test_a_commit_is_found_however_git_keeps_it(clone, command):
    path = clone("ada")
    git(path, *command)
    with CommitClock() as clock:
        assert str(clock.time_of(path / ".git")[0]) == "2026-02-02 02:40:00+00:00"


def test_no_command_that_a_clone_names_is_started(clone, tiny, tmp_path, submitted):
    path = clone("ada")
    trap = tmp_path / "trapped"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.hooksPath", "diff.external", "alias.cat-file"):
        git(path, "config", key, f"!{script}" if key.startswith("alias") else str(script))
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        (path / ".git" / "hooks" / hook).write_text(script.read_text())
        (path / ".git" / "hooks" / hook).chmod(0o755)
    subprocess.run(["git", "status"], cwd=path, capture_output=True, check=False)
    assert trap.exists()  # git itself walks into it
    trap.unlink()
    collect(path.parent, tiny)
    assert not trap.exists()
    assert submitted()["ada/tiny/timestamp.txt"] == "2026-02-02 02:40:00 UTC\n"


def test_a_missing_commit_is_not_fetched_by_a_command_of_the_clone(clone, tmp_path):
    path = clone("ada")
    trap = tmp_path / "trapped"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\nexit 1\n")
    script.chmod(0o755)
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://host.invalid/x",
        "core.sshCommand": str(script),
    }
    for key, value in settings.items():
        git(path, "config", key, value)
    (path / ".git" / "HEAD").write_text("a" * 40 + "\n")
    subprocess.run(["git", "cat-file", "commit", "a" * 40], cwd=path, capture_output=True, check=False)
    assert trap.exists()  # git itself walks into it
    trap.unlink()
    with CommitClock() as clock:
        assert clock.time_of(path / ".git")[0] is None
    assert not trap.exists()


def test_a_git_folder_that_leads_elsewhere_gives_no_time(clone, tmp_path):
    path = clone("ada")
    elsewhere = path.parent / "eve"
    elsewhere.mkdir()
    with CommitClock() as clock:
        (elsewhere / ".git").write_text(f"gitdir: {path / '.git'}")
        assert clock.time_of(elsewhere / ".git")[0] is None
        (elsewhere / ".git").unlink()
        (elsewhere / ".git").symlink_to(path / ".git")
        assert clock.time_of(elsewhere / ".git")[0] is None


@pytest.mark.parametrize("head", ["ref: refs/heads/../../../secret", "ref: refs/heads/none", "--help", "", "a" * 40])
def test_a_head_that_names_no_commit_gives_no_time_and_the_hand_in_is_taken(clone, tiny, submitted, head):
    path = clone("ada")
    (path / ".git" / "HEAD").write_text(head)
    collected = collect(path.parent, tiny)
    assert "no time of commit" in collected.of(Fate.TAKEN)[0].detail
    assert "ada/tiny/timestamp.txt" not in submitted()


def test_pipes_and_links_in_a_clone_are_neither_followed_nor_waited_for(clone, tiny, submitted, tmp_path):
    path = clone("ada")
    (path / ".git" / "HEAD").unlink()
    os.mkfifo(path / ".git" / "HEAD")
    os.mkfifo(path / "pipe.csv")
    (tmp_path / "secret").write_text("s")
    (path / "secret.txt").symlink_to(tmp_path / "secret")
    (path / "all").symlink_to(tmp_path)
    collected = collect(path.parent, tiny)
    assert set(reasons(collected)) == {"ada/pipe.csv", "ada/secret.txt", "ada/all"}
    assert set(submitted()) == {"ada/tiny/tiny.ipynb", "ada/tiny/notes.txt"}


def test_a_clone_of_all_assignments_gives_this_one(clone, tiny, tiny_course, submitted):
    path = clone("ada")
    (tiny_course / "source" / "other").mkdir()
    written(path, {"other/other.ipynb": "o", "tiny/tiny.ipynb": "deep"})
    collect(path.parent, tiny)
    assert not any("other" in name for name in submitted())
    assert submitted()["ada/tiny/tiny/tiny.ipynb"] == "deep"


def test_a_login_or_a_group_names_whose_a_clone_is(clone, tiny, submitted, roster):
    path = clone("tiny-ada-l", "hers")
    clone("tiny-blue", "ours")
    course = roster("student,login,group\nx1,ada-l,\nx2,bob,blue\nx3,cy,blue\n")
    collected = collect(path.parent, tiny, course)
    notebooks = {name: text for name, text in submitted().items() if name.endswith(".ipynb")}
    assert notebooks == {f"{x}/tiny/tiny.ipynb": text for x, text in (("x1", "hers"), ("x2", "ours"), ("x3", "ours"))}
    assert collected.complete


def test_a_clone_may_lie_where_git_separates_and_quotes_paths(clone, tmp_path):
    odd = clone("ada").rename(tmp_path / 'a:"b\\c')
    with CommitClock() as clock:
        assert clock.time_of(odd / ".git")[1] == ""


def test_a_pipe_among_the_objects_of_a_clone_ends_in_no_time(clone, monkeypatch):
    monkeypatch.setattr(clones, "TIMEOUT_S", 0.5)
    path = clone("ada")
    os.mkfifo(path / ".git" / "objects" / "info" / "alternates")
    with CommitClock() as clock:
        assert clock.time_of(path / ".git")[0] is None


@pytest.mark.parametrize("hers", ["ada/tiny.ipynb", "ada/tiny/tiny.ipynb"])
def test_who_has_an_empty_folder_is_listed(tmp_path, tiny, hers):
    folder = written(tmp_path / "all", {hers: "a"})
    (folder / "bob").mkdir()
    (folder / "cy" / ".git").mkdir(parents=True)
    assert set(reasons(collect(folder, tiny))) == {"bob", "cy"}


def test_a_class_in_one_more_folder_is_still_a_class(tmp_path, tiny, submitted):
    written(tmp_path / "all", {"class/ada/tiny.ipynb": "a", "class/bob/tiny.ipynb": "b"})
    collect(tmp_path / "all", tiny)
    assert submitted() == {"ada/tiny/tiny.ipynb": "a", "bob/tiny/tiny.ipynb": "b"}


def test_folders_of_folders_beside_something_else_are_not_one_students(tmp_path, tiny, submitted):
    files = {"zip/a/tiny.ipynb": "a", "zip/b/tiny.ipynb": "b", "eve/tiny.ipynb": "e"}
    collected = collect(written(tmp_path / "all", files), tiny)
    assert reasons(collected) == {"zip": "notebooks in 2 folders; expected one hand-in, or a clone"}
    assert submitted() == {"eve/tiny/tiny.ipynb": "e"}


def test_one_clone_alone_is_no_class(clone, tiny):
    with pytest.raises(UsageError, match="is one clone"):
        collect(clone("ada"), tiny)


def test_folders_whose_names_meet_in_capitals_are_not_mixed(tmp_path, tiny, submitted):
    folder = written(tmp_path / "class", {"ada/tiny.ipynb": "a", "ADA/tiny.ipynb": "b"})
    collected = collect(folder, tiny)
    assert submitted() == {"ADA/tiny/tiny.ipynb": "b"}
    assert "a file system that ignores case" in reasons(collected)["ada"]


@pytest.mark.parametrize("name", ["<b>x", "-x", "a" * 101])
def test_a_folder_that_cannot_be_a_students_name_is_listed(tmp_path, tiny, name, submitted):
    collected = collect(written(tmp_path / "class", {f"{name}/tiny.ipynb": "a", "bob/tiny.ipynb": "b"}), tiny)
    assert "cannot be a student's name" in reasons(collected)[name]
    assert list(submitted()) == ["bob/tiny/tiny.ipynb"]


def test_nbgraders_tree_is_taken_with_its_times(tmp_path, tiny, submitted):
    files = {
        "ada/tiny/tiny.ipynb": "a",
        "ada/tiny/timestamp.txt": "2026-03-01 11:00:00 3600\n",
        "bob/other/x.ipynb": "b",
    }
    collected = collect(written(tmp_path / "tree", files), tiny)
    assert submitted() == {"ada/tiny/tiny.ipynb": "a", "ada/tiny/timestamp.txt": "2026-03-01 10:00:00 UTC\n"}
    assert list(reasons(collected)) == ["bob"]


def test_a_member_of_the_course_folder_hands_in_for_the_group(tiny, tiny_course, submitted, earlier, roster):
    tree = tiny_course / "submitted"
    for student, day in (("ada", 1), ("bob", 2)):
        time = f"2026-03-0{day} 10:00:00 UTC\n"
        written(tree, {f"{student}/tiny/tiny.ipynb": student, f"{student}/tiny/timestamp.txt": time})
    course = roster("student,group\nada,blue\nbob,blue\ncy,blue\n")
    collect(tree, tiny, course)
    notebooks = {name: text for name, text in submitted().items() if name.endswith(".ipynb")}
    assert notebooks == {f"{student}/tiny/tiny.ipynb": "bob" for student in ("ada", "bob", "cy")}
    assert earlier()["ada/20260301T100000Z/tiny.ipynb"] == "ada"
    before = (submitted(), earlier())
    again = collect(tree, tiny, course)
    assert (submitted(), earlier()) == before
    assert {line.fate for line in again.lines} == {Fate.UNCHANGED}


def test_of_a_groups_hand_ins_without_times_the_choice_is_said(zipped, tiny, roster):
    course = roster("student,group,name\nada,blue,Ada Lovelace\nbob,blue,Bob Bu\n")
    files = {f"{ADA}/tiny.ipynb": "a", "Bob Bu_5_assignsubmission_file_/tiny.ipynb": "b"}
    collected = collect(zipped(files), tiny, course)
    assert all("without times of hand-in" in line.detail for line in collected.of(Fate.TAKEN))
    assert len(collected.of(Fate.EARLIER)) == 1


def test_a_student_folder_that_is_a_link_is_not_written_through(zipped, tiny, tiny_course, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tiny_course / "submitted").mkdir(exist_ok=True)
    (tiny_course / "submitted" / "moodle-4711").symlink_to(elsewhere)
    collected = collect(zipped({f"{ADA}/tiny.ipynb": "x"}), tiny)
    assert "is not a folder" in collected.of(Fate.LEFT_ASIDE)[0].detail
    assert list(elsewhere.iterdir()) == []


def test_a_hand_in_without_a_notebook_is_taken_and_said(zipped, tiny):
    collected = collect(zipped({f"{ADA}/work.zip": "x"}), tiny)
    assert collected.of(Fate.TAKEN)[0].detail == "no notebook, only work.zip"


@pytest.mark.parametrize("name", ["tiny.ipynb.txt", "tiny.ipynb.json", "Tiny.IPYNB.download"])
def test_what_grade_takes_for_a_notebook_is_one_here(zipped, tiny, tmp_path, name):
    for path in (zipped({f"{ADA}/{name}": "x"}), written(tmp_path / "class", {f"ada/{name}": "x"})):
        assert "no notebook, only" not in collect(path, tiny).of(Fate.TAKEN)[0].detail


def test_a_line_shows_no_control_characters(tiny, zipped):
    collected = collect(zipped({f"{ADA}/a\x1b[2J.ipynb": "x", f"{ADA}/ti\u202eny.ipynb": "y"}), tiny)
    assert not any("\x1b" in str(line) or "\u202e" in str(line) for line in collected.lines)


def test_an_owner_is_never_made_of_a_name_where_there_is_a_number():
    assert owner_of(Sender("moodle", "../../etc", "5"), "tiny", None).students == ("moodle-5",)
