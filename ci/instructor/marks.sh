#!/usr/bin/env bash
# What makes the marks of a class, for marks.yml (GitHub) and gitlab-ci.yml alike; docs/ci.md explains it.
#
#     ci/instructor/marks.sh unpack | fetch | grade | pack
#
# Reads   ASSIGNMENT, ROSTER (a CSV: student, url, and what docs/submissions.md names), STEPGRADE_SECRET_FILE
#         NAMES=true: names and marks may stand in logs, summary and reports; else none do
#         CLASSROOM=classroom/assignment: write Classroom 50's result files, too
# Writes  marks.tar.gz.gpg   everything about the class, encrypted with the course secret
#         reports/           for everybody: summary.md, junit.xml
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"
umask 077

NAMES=${NAMES:-false}
if [ "$NAMES" = true ]; then export STEPGRADE_PRIVATE=0; else export STEPGRADE_PRIVATE=1; fi
ARCHIVE=marks.tar.gz.gpg
# What the next run goes on with: who has not changed is not graded again, and what people marked stays.
KEPT=(gradebook.db submitted autograded feedback .stepgrade marks)

crypt() { # crypt ARGUMENTS...: gpg with the course secret, in a folder of its own and without an agent left behind
  local home status=0
  home=$(mktemp -d)
  gpg --homedir "$home" --batch --yes --quiet --no-tty --pinentry-mode loopback \
    --passphrase-file "$STEPGRADE_SECRET_FILE" "$@" || status=$?
  gpgconf --homedir "$home" --kill all || true
  rm -rf "$home"
  return "$status"
}

unpack() {
  if [ ! -e "$ARCHIVE" ]; then
    echo "nothing is kept from an earlier run: everybody is graded"
    return
  fi
  if ! crypt --decrypt "$ARCHIVE" | tar --extract --gzip; then
    echo "$ARCHIVE of an earlier run cannot be opened with this course secret; put the old secret back, or delete the" \
      "archive (GitHub: Actions, Caches; GitLab: Pipelines, Clear runner caches) and grade everybody anew" >&2
    exit 2
  fi
  echo "what an earlier run kept is here again"
}

fetch() {
  # 1: not everybody has a repository yet. What they handed in before stays.
  python3 ci/instructor/fetch.py "$ROSTER" repositories --log fetched.csv || [ $? = 1 ]
}

grade() {
  local status=0 names=()
  if [ "$NAMES" = true ]; then names=(--names); fi
  mkdir -p reports marks
  stepgrade release "$ASSIGNMENT"
  stepgrade collect "$ASSIGNMENT" repositories --roster "$ROSTER" || [ $? = 1 ] # 1: something was left aside
  # 3: on somebody the grader failed. The others have their marks, and the job fails in the end, so that you look.
  stepgrade grade "$ASSIGNMENT" --roster "$ROSTER" || status=$?
  if [ "$status" != 0 ] && [ "$status" != 3 ]; then exit "$status"; fi
  stepgrade feedback "$ASSIGNMENT" || status=$?
  stepgrade export "$ASSIGNMENT" --csv marks/marks.csv
  if [ -n "${CLASSROOM:-}" ]; then
    stepgrade export "$ASSIGNMENT" --classroom50 marks/classroom50 --classroom "$CLASSROOM" --commits fetched.csv \
      --roster "$ROSTER" --roster-column login
  fi
  stepgrade export "$ASSIGNMENT" --junit reports/junit.xml "${names[@]}"
  stepgrade export "$ASSIGNMENT" --markdown reports/summary.md "${names[@]}"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat reports/summary.md >>"$GITHUB_STEP_SUMMARY"; else cat reports/summary.md; fi
  exit "$status"
}

pack() {
  local kept=() thing
  for thing in "${KEPT[@]}"; do
    if [ -e "$thing" ]; then kept+=("$thing"); fi
  done
  tar --create --gzip "${kept[@]}" | crypt --symmetric --cipher-algo AES256 --compress-algo none --output "$ARCHIVE"
  echo "$ARCHIVE is written"
}

: "${ASSIGNMENT:?which assignment is graded}" "${ROSTER:=class.csv}"
: "${STEPGRADE_SECRET_FILE:?the file of the course secret}"
case "${1:-}" in
  unpack | fetch | grade | pack) "$1" ;;
  *) echo "usage: $0 unpack | fetch | grade | pack" >&2 && exit 2 ;;
esac
