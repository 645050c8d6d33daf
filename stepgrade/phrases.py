"""English phrases that students read: marked where they are written, so that catalogues can find them.

Results are in English, whatever language their student reads: no mark and no byte of a Result may depend on that. A
page in another language finds the phrases again in what a Result says (`stepgrade.languages`).
"""

from __future__ import annotations


def phrase(template: str, /, **values: object) -> str:
    """Return a phrase in English, with the values in the places that ``template`` names in braces.

    Catalogues are made from the texts that stand in calls of this function. A template that is filled in elsewhere is
    marked by a call without values.
    """
    return template.format(**values) if values else template
