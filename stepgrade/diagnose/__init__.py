"""What a wrong answer says about its author: a misconception, the smallest input. It never changes a mark."""

from stepgrade.diagnose.catalogue import Catalogue, Misconception

__all__ = ["Catalogue", "Misconception"]
