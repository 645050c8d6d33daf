"""Whose a hand-in is: by the roster, and without one (or without a row that fits) by an id that is always the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from stepgrade.course.arrivals.batch import Sender
from stepgrade.course.handin import is_student_id
from stepgrade.course.roster import Found, Roster


@dataclass(frozen=True)
class Owner:
    """Those for whom a hand-in counts.

    Parameters
    ----------
    students : tuple of str
        All members of a group; empty where nobody can be named.
    own : tuple of str
        Those of them who handed it in, under whom an earlier one is kept.
    unknown : bool
        The roster could have named somebody, and did not.
    """

    students: tuple[str, ...]
    own: tuple[str, ...]
    unknown: bool = False
    note: str = ""


def owners_of(senders: Iterable[Sender], assignment: str, roster: Roster | None) -> dict[Sender, Owner]:
    """Return whose the hand-ins of each are; two people of one name are not taken for the one of the roster."""
    owners = {sender: owner_of(sender, assignment, roster) for sender in senders}
    if roster is None:
        return owners
    claims = Counter(owner.own for sender, owner in owners.items() if _is_numbered(sender, owner))
    for sender, owner in owners.items():
        if not _is_numbered(sender, owner) or claims[owner.own] == 1:
            continue
        if (roster.student_of(lms_id=sender.number).student,) != owner.own:
            note = f"{claims[owner.own]} people are named like {owner.own[0]} of the roster, which needs their lms_id"
            owners[sender] = _unknown(sender, assignment, note)
    return owners


def _is_numbered(sender: Sender, owner: Owner) -> bool:
    return bool(sender.number) and len(owner.own) == 1


def owner_of(sender: Sender, assignment: str, roster: Roster | None) -> Owner:
    """Return whose the hand-in is: a student's of the roster, a group's, or under an id made of the sender's number.

    Names are not unique, so an id is never made of one where an LMS gives a number.
    """
    note = ""
    if roster is not None:
        for name in _names(sender, assignment):
            if sender.system == "folder" and name in roster:
                return Owner(roster.team(name), (name,))
            members = roster.members(name)
            if members and not _is_outsider(sender, members, roster):
                return Owner(members, members)
        found = _found(sender, assignment, roster)
        note = found.note
        if found.student is not None:
            return Owner(roster.team(found.student), (found.student,), note=note)
    return _unknown(sender, assignment, note if roster is not None and roster.identifies else "")


def _unknown(sender: Sender, assignment: str, note: str) -> Owner:
    student = _own_id(sender, assignment)
    if not is_student_id(student):
        return Owner((), (), note=f"{student!r} cannot be a student's name here; rename it, or name it in the roster")
    return Owner((student,), (student,), unknown=bool(note), note=f"{note}; taken as {student}" if note else "")


def _is_outsider(sender: Sender, members: tuple[str, ...], roster: Roster) -> bool:
    """Return whether it is a student of Canvas's outside of the group, who only took its name."""
    student = roster.student_of(lms_id=sender.number).student if sender.system == "canvas" else None
    return student is not None and student not in members


def _found(sender: Sender, assignment: str, roster: Roster) -> Found:
    if sender.system != "folder":
        found_in_group = _member(sender, roster) if sender.system == "moodle" else None
        return found_in_group or roster.student_of(name=sender.name, lms_id=sender.number)
    found = [roster.student_of(login=name, email=name) for name in _names(sender, assignment)]
    return next((one for one in found if one.student), found[0])


def _member(sender: Sender, roster: Roster) -> Found | None:
    """Return the member where Moodle writes ``Group-Name``, as old ones do; a name may have dashes, too."""
    for dash in re.finditer("-", sender.name):
        members = roster.members(sender.name[: dash.start()])
        found = roster.student_of(name=sender.name[dash.end() :], lms_id=sender.number) if members else None
        if found and found.student in members:
            return found
    return None


def _names(sender: Sender, assignment: str) -> tuple[str, ...]:
    """Return the names that may be meant; a clone is often called ``assignment-login``, and a login may have a dash."""
    name = unicodedata.normalize("NFC", sender.name)
    if sender.system != "folder":
        return (name,)
    short = re.sub(rf"^{re.escape(assignment)}[-_]+", "", name, flags=re.IGNORECASE)
    return (name, short) if short and short != name else (name,)


def _own_id(sender: Sender, assignment: str) -> str:
    if sender.system == "folder":
        return _names(sender, assignment)[-1]
    # A group of Moodle's that has no number is 'Default group': everybody in it handed in alone, and is not named.
    return f"{sender.system}-{sender.number}" if sender.number else ""
