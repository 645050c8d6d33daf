"""Clone the repositories of a class into a folder that `stepgrade collect` reads.

    FETCH_TOKEN=... python ci/instructor/fetch.py class.csv repositories --log fetched.csv

The CSV has the columns student and url; it may be the roster. Each repository is hostile until proven otherwise:

- git reads no configuration but what stands below, runs no hook and no filter, follows no redirect, fetches no
  submodule and no LFS file, and makes no links; only the last commit is fetched, in bounded time and size;
- the token is sent to one server, FETCH_SERVER, and stands in no argument, no file and no message.

With STEPGRADE_PRIVATE=1 numbers are printed in place of names. Exit code 0: all were fetched; 1: some were not, which
is normal where not everybody has begun; 2: none was, or the CSV cannot be used.
"""

import argparse
import base64
import csv
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

AT_ONCE = 8
TIMEOUT_S = 120  # of one git command
MAX_FILE_BYTES = 200 * 2**20  # of one file that git writes, the pack of a repository above all
MAX_FILES = 2000  # of the last commit; `stepgrade collect` takes 1000 files of 100 MiB
MAX_TOTAL_BYTES = 200 * 2**20

STUDENT = re.compile(r"[^\W_][\w .@+-]{0,99}")


class NotFetched(Exception):
    """Why there is no clone."""


def environment(server, token):
    """Return the environment of every git command; the token stands here alone, where no process list shows it."""
    settings = {
        "core.hooksPath": os.devnull,
        "core.symlinks": "false",
        "credential.helper": "",
        "fetch.unpackLimit": "1",  # one pack, whose size is bounded, in place of many small files
        "http.followRedirects": "false",
        "submodule.recurse": "false",
    }
    if token:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()  # GitLab takes any user name
        settings[f"http.{server.rstrip('/')}/.extraHeader"] = f"Authorization: Basic {basic}"
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return variables | {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": os.environ.get("GIT_ALLOW_PROTOCOL", "https"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


class Fetcher:
    """Clones one repository after the other."""

    def __init__(self, folder, variables):
        self._folder = folder
        self._variables = variables

    def fetch(self, student, url):
        """Return the commit that the clone stands at, and when it was made; or raise NotFetched."""
        if not STUDENT.fullmatch(student):
            raise NotFetched("the student's name cannot be a folder's")
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise NotFetched("the address holds a user or a token; leave it out")
        clone = self._folder / student
        shutil.rmtree(clone, ignore_errors=True)
        try:
            self._git(
                "clone", "--quiet", "--depth=1", "--no-tags", "--no-checkout", "--template=", "--", url, str(clone)
            )
            self._ensure_small(clone)
            self._git("-C", str(clone), "reset", "--quiet", "--hard")
            said = self._git("-C", str(clone), "show", "--no-patch", "--no-show-signature", "--format=%H %cI", "HEAD")
            commit, made = said.split()
            return commit, datetime.fromisoformat(made).isoformat()
        except (NotFetched, ValueError, OSError) as error:
            shutil.rmtree(clone, ignore_errors=True)
            raise NotFetched(str(error)) from None

    def _ensure_small(self, clone):
        """Look at the last commit before its files are written: few bytes of git may be very many files."""
        listing = ["git", "-C", str(clone), "ls-tree", "-r", "-l", "-z", "HEAD"]
        with subprocess.Popen(  # noqa: S603 - git, with arguments of ours
            listing, env=self._variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            # Folders in folders may be very many without a file in them, and then nothing is ever written.
            late = threading.Event()
            timer = threading.Timer(TIMEOUT_S, lambda: (late.set(), process.kill()))
            timer.start()
            listed = process.stdout.read(MAX_FILES * 400)
            timer.cancel()
            process.kill()
        if late.is_set():
            raise NotFetched(f"its folders take longer than {TIMEOUT_S} s to list")
        entries = listed.split(b"\0")[:-1]
        if not entries:
            raise NotFetched("no commit with files in it")
        sizes = [entry.split(b"\t")[0].split()[-1] for entry in entries]
        total = sum(int(size) for size in sizes if size.isdigit())
        if len(entries) > MAX_FILES or len(listed) == MAX_FILES * 400 or total > MAX_TOTAL_BYTES:
            raise NotFetched(f"more than {MAX_FILES} files or {MAX_TOTAL_BYTES // 2**20} MiB")

    def _git(self, *arguments):
        try:
            done = subprocess.run(  # noqa: S603 - git, with arguments of ours
                ["git", *arguments],  # noqa: S607 - the system's
                env=self._variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotFetched(f"git {arguments[0]} took longer than {TIMEOUT_S} s") from None
        if done.returncode:
            raise NotFetched((done.stderr.strip().splitlines() or [f"git ended with {done.returncode}"])[-1])
        return done.stdout


def read_class(path):
    """Return (student, url) of everybody with a repository."""
    text = path.read_text(encoding="utf-8-sig")
    header = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=header.count))
    columns = {name.strip().casefold(): name for name in rows.fieldnames or ()}
    if not {"student", "url"} <= columns.keys():
        raise SystemExit(f"{path} has the columns {', '.join(columns) or 'none'}; expected student and url")
    people = [((row[columns["student"]] or "").strip(), (row[columns["url"]] or "").strip()) for row in rows]
    return [(student, url) for student, url in people if student and url]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("csv", type=Path, help="who has which repository")
    arguments.add_argument("folder", type=Path, help="where the clones go, a folder per student")
    arguments.add_argument("--log", type=Path, help="write what was fetched: student, url, commit, committed")
    given = arguments.parse_args()
    private = os.environ.get("STEPGRADE_PRIVATE", "0") not in ("", "0")
    # What git writes is bounded by the kernel: a limit that the processes of this one inherit.
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    given.folder.mkdir(parents=True, exist_ok=True)
    people = read_class(given.csv)
    server = os.environ.get("FETCH_SERVER") or os.environ.get("GITHUB_SERVER_URL") or os.environ.get("CI_SERVER_URL")
    token = os.environ.get("FETCH_TOKEN", "")
    if token and not server:
        raise SystemExit("FETCH_TOKEN is set, but not to which server it belongs: set FETCH_SERVER=https://github.com")
    fetcher = Fetcher(given.folder, environment(server or "", token))

    def fetched(person):
        try:
            return (*person, *fetcher.fetch(*person)), ""
        except NotFetched as error:
            return None, f"{person[0]}: {error}"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = list(threads.map(fetched, people))
    done = [row for row, _ in outcomes if row]
    if given.log:
        with given.log.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("student", "url", "commit", "committed"), *done])
    for _, problem in outcomes:
        if problem and not private:
            print("".join(sign if sign.isprintable() else " " for sign in problem))
    print(f"{len(done)} of {len(people)} repositories are fetched")
    return 2 if not done else 1 if len(done) < len(people) else 0


if __name__ == "__main__":
    sys.exit(main())
