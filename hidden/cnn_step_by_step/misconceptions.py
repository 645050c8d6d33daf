"""What learners misunderstand, per question: wrong functions that they were seen to write, or might.

An imitation may raise, or change its arguments, where a learner's function would: hand it copies. A catalogue is used
after the marks and never changes one. So ``checks.py`` and what it imports must not import this module or the modules
that it collects, or every sentence mended here would count as another version of a question. Each misconception loses
points under the checks, and differs on their inputs from every other one of its question (tested).
"""

from __future__ import annotations

from stepgrade.diagnose import Catalogue

from .wrong_convolution import CONV_BACKWARD, CONV_FORWARD
from .wrong_pooling import CREATE_MASK_FROM_WINDOW, DISTRIBUTE_VALUE, POOL_BACKWARD, POOL_FORWARD
from .wrong_step import CONV_SINGLE_STEP, ZERO_PAD

CATALOGUES: dict[str, Catalogue] = {
    "zero_pad": ZERO_PAD,
    "conv_single_step": CONV_SINGLE_STEP,
    "conv_forward": CONV_FORWARD,
    "pool_forward": POOL_FORWARD,
    "conv_backward": CONV_BACKWARD,
    "create_mask_from_window": CREATE_MASK_FROM_WINDOW,
    "distribute_value": DISTRIBUTE_VALUE,
    "pool_backward": POOL_BACKWARD,
}
