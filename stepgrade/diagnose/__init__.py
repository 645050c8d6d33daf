"""What a wrong answer says about its author: a misconception, the smallest input. No mark comes from here."""

from stepgrade.diagnose.catalogue import Catalogue, Misconception
from stepgrade.diagnose.diagnosis import Diagnosis, Example, Reading, from_json, to_json
from stepgrade.diagnose.submission import diagnosed

__all__ = ["Catalogue", "Diagnosis", "Example", "Misconception", "Reading", "diagnosed", "from_json", "to_json"]
