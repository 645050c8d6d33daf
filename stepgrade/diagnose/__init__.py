"""What a wrong answer says about its author: a misconception, the smallest input. No mark comes from here."""

from stepgrade.diagnose.catalogue import Catalogue, Misconception

__all__ = ["Catalogue", "Misconception"]
