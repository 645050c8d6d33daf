"""What a run keeps of everything it grades, and grading it once more for an appeal."""

from stepgrade.evidence.document import replay_json
from stepgrade.evidence.replay import Replay, Stored, replay
from stepgrade.evidence.store import (
    NO_BYTES,
    EvidenceGone,
    EvidenceNotKept,
    assignment_as_it_was,
    evidence_folder,
    graded_bytes,
    keep_assignment,
    keep_submission,
    submission_file,
    version_folder,
)
from stepgrade.evidence.text import replay_text

__all__ = [
    "NO_BYTES",
    "EvidenceGone",
    "EvidenceNotKept",
    "Replay",
    "Stored",
    "assignment_as_it_was",
    "evidence_folder",
    "graded_bytes",
    "keep_assignment",
    "keep_submission",
    "replay",
    "replay_json",
    "replay_text",
    "submission_file",
    "version_folder",
]
