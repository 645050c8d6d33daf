"""Formulas: TeX becomes MathML, which browsers draw without any script; what cannot be converted stays TeX."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from xml.etree import ElementTree

from latex2mathml.converter import convert

MAX_TEX = 2000
LONG_TEX = 30  # a longer one may be wider than a phone, and then scrolls in a box of its own
ELEMENT_NAMES = """
    math maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace
    msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics
"""
ATTRIBUTE_NAMES = """
    accent accentunder columnalign columnlines columnspacing columnspan depth display displaystyle fence form height
    largeop linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing
    rspace scriptlevel separator stretchy symmetric voffset width
"""
ELEMENTS = frozenset(ELEMENT_NAMES.split())
ATTRIBUTES = frozenset(ATTRIBUTE_NAMES.split())
# Words, and sizes of at most two digits before the point: nothing becomes larger than the page.
VALUE = re.compile(r"(?:(?:[a-z-]+|[+-]?\d{0,2}(?:\.\d{0,6})?(?:em|ex|pt|px|mu|%)?)(?: |$))*")


@lru_cache(maxsize=512)
def formula(tex: str, *, display: bool) -> str:
    """Return HTML that shows a formula, on a line of its own if ``display``."""
    mathml = _mathml(tex.strip(), display=display)
    if mathml is None:
        mathml = f'<code class="tex">{escape(tex.strip())}</code>'
    if display:
        return f'<span class="formula">{mathml}</span>'
    return f'<span class="long">{mathml}</span>' if len(tex) > LONG_TEX else mathml


def _mathml(tex: str, *, display: bool) -> str | None:
    """Return MathML without anything active, None where TeX cannot be converted."""
    if not tex or len(tex) > MAX_TEX:
        return None
    try:
        # The converter makes the document: there is no declaration and no entity in it.
        # latex2mathml 3.77 knows `align*`, and leaves the signs & of `aligned` as they are.
        tex = tex.replace("{aligned}", "{align*}")
        root = ElementTree.fromstring(convert(tex, display="block" if display else "inline"))  # noqa: S314
        return _harmless(root)
    except Exception:  # the converter raises many kinds on what is no TeX; the source is shown then
        return None


def _harmless(root: ElementTree.Element) -> str | None:
    """Return the elements and attributes on the lists as text, None where there are other elements."""
    if not all(_name(element) in ELEMENTS for element in root.iter()):
        return None
    for element in root.iter():
        element.tag = _name(element)
        kept = {name: value for name, value in element.items() if name in ATTRIBUTES and VALUE.fullmatch(value)}
        element.attrib.clear()
        element.attrib.update(kept)
    return ElementTree.tostring(root, encoding="unicode")


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
