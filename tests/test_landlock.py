"""The boundary for machines without namespaces: whether it can be had, what it may read, and what it is called."""

from __future__ import annotations

import ctypes
import errno
import os
import tempfile
from pathlib import Path

import pytest

from stepgrade.sandbox import SandboxUnavailable, bubblewrap, landlock
from stepgrade.sandbox.landlock import NOBODY, Landlock, find_landlock, landlock_version, seen_folder
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.places import other_packages, parts_without
from stepgrade.sandbox.removal import remove_tree
from tests.conftest import boundary_or_skip


class TestTheLine:
    def test_says_what_it_is_and_which_version_of_it(self):
        line = boundary_or_skip("landlock").line
        assert line.startswith("landlock (ABI ")
        assert ", seccomp" in line
        assert "memory limited" in line
        assert "\n" not in line

    @pytest.mark.parametrize(
        ("abi", "said"),
        [
            (3, "landlock (ABI 3, network and signals held by seccomp alone), seccomp"),
            (5, "landlock (ABI 5, signals held by seccomp alone), seccomp"),
            (6, "landlock (ABI 6), seccomp"),
            (99, "landlock (ABI 7), seccomp"),
        ],
    )
    def test_says_what_an_older_kernel_lacks(self, monkeypatch, abi, said):
        monkeypatch.setattr(landlock, "landlock_version", lambda: abi)
        monkeypatch.setattr(landlock, "trial", lambda *_: "")
        assert find_landlock().line.startswith(said)

    def test_says_when_root_cannot_become_nobody(self, monkeypatch):
        monkeypatch.setattr(landlock, "trial", lambda *_: "")
        monkeypatch.setattr(landlock.os, "getuid", lambda: 0)
        monkeypatch.setattr(landlock, "_can_become_nobody", lambda: False)
        assert "root without capabilities" in find_landlock().line


class TestRefusal:
    @pytest.mark.parametrize(
        ("number", "reason"),
        [
            (errno.ENOSYS, "built without it, or the container's filter of system calls refuses it"),
            (errno.EOPNOTSUPP, "started without it"),
            (errno.EPERM, "the container's filter of system calls refuses it"),
        ],
    )
    def test_a_kernel_without_it_is_refused_with_the_reason_and_the_next_step(self, monkeypatch, number, reason):
        class Refusing:
            def syscall(self, *_):
                ctypes.set_errno(number)
                return -1

        monkeypatch.setattr(landlock.ctypes, "CDLL", lambda *_, **__: Refusing())
        with pytest.raises(SandboxUnavailable, match=rf"no Landlock here: .*{reason}.*docs/security\.md.*--no-sandbox"):
            find_landlock()

    def test_a_version_that_lets_files_be_cut_is_refused(self, monkeypatch):
        monkeypatch.setattr(landlock, "landlock_version", lambda: 2)
        with pytest.raises(SandboxUnavailable, match=r"version 2 of its interface, and 3 is needed \(Linux 6\.2\)"):
            find_landlock()

    def test_what_student_code_could_do_all_the_same_is_found_out_by_trying(self, monkeypatch):
        boundary_or_skip("landlock")
        monkeypatch.setattr(landlock, "_roots", lambda: [Path("/")])
        with pytest.raises(SandboxUnavailable, match="cannot be held by Landlock here: a file outside can be read"):
            find_landlock()

    def test_a_world_that_ends_before_anything_was_tried_is_none(self, monkeypatch):
        boundary_or_skip("landlock")
        monkeypatch.setattr(landlock, "seccomp_program", lambda **_: b"\x06\0\0\0\0\0\0\x80")  # every call kills
        with pytest.raises(SandboxUnavailable, match="cannot be held by Landlock here: the session ended before"):
            find_landlock()

    def test_nothing_weaker_is_taken_by_itself(self, monkeypatch):
        monkeypatch.setattr(bubblewrap, "trial", lambda *_: "Operation not permitted")
        with pytest.raises(SandboxUnavailable, match=r"take --boundary landlock, .* weaker"):
            bubblewrap.find_bubblewrap()

    def test_it_is_not_offered_where_it_cannot_be_had(self, monkeypatch):
        monkeypatch.setattr(bubblewrap, "trial", lambda *_: "Operation not permitted")
        monkeypatch.setattr(landlock, "landlock_version", lambda: 2)
        with pytest.raises(SandboxUnavailable) as refused:
            bubblewrap.find_bubblewrap()
        assert "landlock" not in str(refused.value)


class TestWhoItRunsAs:
    @pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
    def test_root_becomes_nobody_where_nobody_can_read_what_is_imported(self, monkeypatch):
        monkeypatch.setattr(landlock, "_others_can_read", lambda _: True)
        monkeypatch.setattr(landlock, "trial", lambda *_: "")
        boundary = find_landlock()
        assert boundary.as_nobody
        assert "root" not in boundary.line

    def test_what_lies_in_a_closed_folder_cannot_be_read_by_others(self, tmp_path):
        place = tmp_path / "closed" / "python"
        place.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as folder:
            opened = Path(folder)
            opened.chmod(0o755)
            assert landlock._others_can_read(opened)
            place.parent.chmod(0o700)
            assert not landlock._others_can_read(place)

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
    def test_nobody_is_given_the_folder_and_may_pass_through_the_one_around_it(self, tmp_path):
        (tmp_path / "own").mkdir()
        Landlock("line", 7, as_nobody=True).hand_over(tmp_path / "own")
        assert (tmp_path / "own").stat().st_uid == NOBODY
        assert tmp_path.stat().st_uid == 0
        assert tmp_path.stat().st_mode & 0o777 == 0o711

    @pytest.mark.parametrize(
        ("file", "content"),
        [("status", "CapEff:\t0000000000000000\n"), ("uid_map", "0 1000 1\n"), ("setgroups", "deny\n")],
    )
    def test_root_that_may_not_become_nobody_is_known(self, monkeypatch, file, content):
        real = Path.read_text
        monkeypatch.setattr(Path, "read_text", lambda path: content if path.name == file else real(path))
        monkeypatch.setattr(landlock, "_others_can_read", lambda _: True)
        assert not landlock._can_become_nobody()


class TestWhatCanBeRead:
    def test_parts_together_hold_all_but_what_is_hidden(self, tmp_path):
        for name in ("a/b/one", "a/b/hidden/two", "a/three", "c/four"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        (tmp_path / "a/link").symlink_to("/etc")
        parts = parts_without(tmp_path, [tmp_path / "a/b/hidden"])
        assert [part.relative_to(tmp_path).as_posix() for part in parts] == ["a/b/one", "a/three", "c"]

    def test_installed_packages_are_left_out(self):
        hidden = other_packages()
        readable = landlock._readable()
        course = {place.resolve() for place in landlock.course_packages()}
        for path in set(readable) - course:
            assert not any(place.is_relative_to(path) or path.is_relative_to(place) for place in hidden), path

    def test_the_few_roots_hold_all_of_it_and_nothing_that_must_not_be_read(self, tmp_path):
        roots = landlock._roots()
        assert all(any(path.is_relative_to(root) for root in roots) for path in landlock._readable())
        for closed in (Path("/proc"), Path("/etc/passwd"), Path(tempfile.gettempdir(), "stepgrade-template-x")):
            assert not any(closed.is_relative_to(root) for root in roots)

    def test_what_is_imported_is_seen_by_links(self):
        folder = seen_folder()
        assert (folder / "inside" / "warm.py").is_file()
        assert (folder / "library" / "json").is_dir()
        assert (folder / "library" / "lib-dynload").is_dir()
        assert (folder / "packages" / "numpy").is_dir()
        assert not (folder / "library" / "site-packages").exists()
        assert not (folder / "packages" / "nbgrader").exists()

    def test_no_setting_of_a_template_names_the_hidden_folder(self, tmp_path):
        settings = str(Landlock("", 7).settings(Limits(), tmp_path))
        assert "hidden" not in settings


class TestRemoval:
    def test_a_folder_deeper_than_any_path_is_removed(self, tmp_path):
        top = tmp_path / "top"
        top.mkdir()
        folder = os.open(top, os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("a_name_that_is_long", dir_fd=folder)
            (below := os.open("a_name_that_is_long", os.O_RDONLY, dir_fd=folder))
            os.close(folder)
            folder = below
        os.close(folder)
        remove_tree(top)
        assert list(tmp_path.iterdir()) == []

    def test_no_link_is_followed(self, tmp_path):
        top, kept = tmp_path / "top", tmp_path / "kept"
        kept.mkdir()
        (kept / "file").touch()
        top.mkdir()
        (top / "folder").symlink_to(kept)
        (top / "file").symlink_to(kept / "file")
        remove_tree(top)
        assert [path.name for path in kept.iterdir()] == ["file"]
        assert not top.exists()

    def test_a_closed_folder_is_removed_with_what_is_in_it(self, tmp_path):
        top = tmp_path / "top"
        (top / "closed" / "within").mkdir(parents=True)
        (top / "closed").chmod(0)
        remove_tree(top)
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_gone_is_no_error(self, tmp_path):
        remove_tree(tmp_path / "gone")


def test_the_version_is_asked_of_the_kernel():
    try:
        assert landlock_version() >= 1
    except SandboxUnavailable as error:
        pytest.skip(str(error))
