"""Wrong submissions with one fault each, in other handwritings than those of the catalogue of misconceptions.

They are what a diagnosis is measured with: each says which misconception it comes from. So nothing here is taken from
the catalogue but its names.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.wrong import (
    conv_backward,
    conv_forward,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    pool_backward,
    pool_forward,
    zero_pad,
)
from tests.wrong.style import Style
from tests.wrong.variation import varied

__all__ = ["Style", "WrongSubmission", "right_styles", "wrong_submissions"]

STYLES: dict[str, Sequence[Style]] = {
    "zero_pad": zero_pad.STYLES,
    "conv_single_step": conv_single_step.STYLES,
    "conv_forward": conv_forward.STYLES,
    "pool_forward": pool_forward.STYLES,
    "conv_backward": conv_backward.STYLES,
    "create_mask_from_window": create_mask_from_window.STYLES,
    "distribute_value": distribute_value.STYLES,
    "pool_backward": pool_backward.STYLES,
}
N_VARIANTS = 2


@dataclass(frozen=True)
class WrongSubmission:
    """A question's function with one misconception in it.

    Parameters
    ----------
    question, misconception, style : str
    variant : int
        0 as it stands in the style, else with other names and remarks.
    source : str
        Defines the function and whatever it calls.
    """

    question: str
    misconception: str
    style: str
    variant: int
    source: str


def wrong_submissions() -> Iterator[WrongSubmission]:
    """Yield every slip of every style in each of its variants, the same ones in the same order each time."""
    for question, style in right_styles():
        for misconception in style.slips:
            source = style.with_slip(misconception)
            for variant in range(N_VARIANTS):
                generator = random.Random(f"{question} {style.name} {misconception} {variant}")  # noqa: S311 no secret
                written = varied(source, generator) if variant else source
                yield WrongSubmission(question, misconception, style.name, variant, written)


def right_styles() -> Iterator[tuple[str, Style]]:
    """Yield the question and the style of every right implementation."""
    for question, styles in STYLES.items():
        for style in styles:
            yield question, style
