"""What a wrong answer says about its author: a misconception, the smallest input. After the marks, never changing one."""

from stepgrade.diagnose.catalogue import Catalogue, Misconception

__all__ = ["Catalogue", "Misconception"]
