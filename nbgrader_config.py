"""The course: wires nbgrader to stepgrade. Every nbgrader command run in this folder reads it."""

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    IncludeHeaderFooter,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveCells,
)

from stepgrade.course.converters.export import MarksExport
from stepgrade.course.converters.feedback import INCLUDE_FOLDERS, TEMPLATE, TEMPLATE_FOLDERS, FeedbackExporter
from stepgrade.course.converters.intake import SubmissionExporter
from stepgrade.course.converters.scoring import ScoreSubmission
from stepgrade.course.environment import ask_alembic_here
from stepgrade.course.handin import RESULT_FILE
from stepgrade.course.release.stubs import NamedStubs

c = get_config()  # noqa: F821 - nbgrader puts it there

# nbgrader starts a tool of its environment by name; so it works in one that is not activated, too, and sooner.
ask_alembic_here()

c.CourseDirectory.course_id = "stepgrade"

# nbgrader's own list, and: results stay with the instructor (they carry the seed), environments with their owner.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", RESULT_FILE, ".venv"]

# release/ is committed: without force nbgrader would find it, skip the build and leave its database empty.
c.GenerateAssignment.force = True

# nbgrader's own list, with stubs that name their exercise instead of ClearSolutions.
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    LockCells,
    NamedStubs,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]

# The mark scheme of an answer in words stands in the read-only question above it, where the formgrader shows it.
# nbgrader alone wants it in a "task" cell, which waits for a person even if nobody answered (docs/new_assignment.md).
c.ClearMarkScheme.enforce_metadata = False

# Submissions are untrusted files: tidied aside, graded cells restored, and of the student's outputs and prose only what
# no browser executes. A damaged one gets a mark of 0 with the reason, and the class run goes on (docs/nbgrader.md).
c.Autograde.exporter_class = SubmissionExporter
c.Autograde.sanitize_preprocessors = [OverwriteKernelspec, OverwriteCells, CheckCellMetadata]

# stepgrade judges in place of nbgrader's Execute and SaveAutoGrades: the verdict is formed outside the student's code.
c.Autograde.autograde_preprocessors = [LimitOutput, ScoreSubmission, AssignLatePenalties, CheckCellMetadata]

# nbgrader's feedback page in our template. It sets its own template for every HTMLExporter; the subclass's wins.
c.GenerateFeedback.exporter_class = FeedbackExporter
c.FeedbackExporter.template_name = TEMPLATE
c.FeedbackExporter.extra_template_basedirs = TEMPLATE_FOLDERS
c.FeedbackExporter.extra_template_paths = INCLUDE_FOLDERS

# How much stepgrade's own pages say about a wrong answer, while a student can still hand in and after that
# (docs/feedback.md): nothing, rule, misconception, smallest, all.
c.FeedbackPage.before_deadline = "misconception"
c.FeedbackPage.after_deadline = "all"

# A mark that does not exist is an empty field; nbgrader's own export writes 0 for a student it never graded.
c.ExportApp.plugin_class = MarksExport
