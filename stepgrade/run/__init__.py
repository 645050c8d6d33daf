"""A class run: what is to do, who works on it, and the journal; the only place that knows about workers."""

from stepgrade.run.capacity import default_workers
from stepgrade.run.classrun import ClassRun, Done
from stepgrade.run.cluster import NoCluster, cluster
from stepgrade.run.journal import Entry, Journal, JournalUnusable, Key, RunInProgress, journal_path
from stepgrade.run.plan import Planned, Reason, Wanted, environment_key, plan
from stepgrade.run.recorder import Recorder
from stepgrade.run.window import Outcome, each
from stepgrade.run.workers import ExecutorGone, LocalWorkers, TookTooLong, WorkerLost

__all__ = [
    "ClassRun",
    "Done",
    "Entry",
    "ExecutorGone",
    "Journal",
    "JournalUnusable",
    "Key",
    "LocalWorkers",
    "NoCluster",
    "Outcome",
    "Planned",
    "Reason",
    "Recorder",
    "RunInProgress",
    "TookTooLong",
    "Wanted",
    "WorkerLost",
    "cluster",
    "default_workers",
    "each",
    "environment_key",
    "journal_path",
    "plan",
]
