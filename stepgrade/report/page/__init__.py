"""The feedback page: one HTML file per student that needs nothing else, no network and no script."""

from stepgrade.report.page.page import page_of

__all__ = ["page_of"]
