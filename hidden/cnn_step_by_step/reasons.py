"""Why a check stays that no misconception fails alone.

``docs/checks.md`` prints these lines. A test demands one for each such check and for no other check, and holds a wrong
answer that fails this check and nothing else; properties, which compare answers with each other, need none.
"""

from __future__ import annotations

# Question -> check -> the reason.
REASONS: dict[str, dict[str, str]] = {
    "zero_pad": {
        "pad_1": "The plain case, with most of the weight. Two inputs of one size: nothing may be kept from a call.",
        "pad_3": "A ring that is always one pixel wide passes pad_1 and fails here. The only ring wider than 2.",
        "integers": "The docstring promises these dtypes. Nothing else fails an answer that takes float64 alone.",
        "strided": "The docstring promises views. Nothing else fails an answer that needs contiguous memory.",
        "unchanged": "The docstring promises that X stays. Nothing else fails an answer that spoils it afterwards.",
    },
    "conv_single_step": {
        "products": "Without a bias, so that whoever errs in the bias alone keeps it. The only window of one pixel.",
        "bias": "What a wrong bias costs; integers needs it too, at less weight. The only window with one channel.",
        "integers": "The docstring promises these dtypes. Nothing else fails an answer that takes float64 alone.",
    },
    "conv_forward": {
        "same": "Whoever errs in stride or bias alone keeps it. The only filter with a side of 5.",
        "valid": "Whoever errs in the padding alone keeps it. The only case with fewer filters than channels.",
        "stride_3": "Whoever errs in the padding alone keeps it. The only stride larger than the filter.",
        "wide_pad": "The only ring that is wider than the filter.",
        "bias": "What a wrong bias costs; integers and float32 need it too, at a weight of 1. The only four filters.",
        "single": "The only filter of one pixel, and the only image with one channel.",
        "linear": "A property: it would also show an error that an answer and the reference have in common.",
    },
    "pool_forward": {
        "max": "Whoever errs in the other mode or the stride keeps it. The only maximum of three channels.",
        "average": "Whoever errs in the other mode or the stride keeps it. The only average of three channels.",
        "average_stride": "Whoever errs in the other mode alone keeps it. The only stride larger than the window.",
    },
    "conv_backward": {
        "dA": "Whoever errs in another gradient or the stride keeps it. The only filter with a side of 5.",
        "dA_stride": "Whoever errs in another gradient keeps it. The only dA_prev of a stride larger than the filter.",
        "dW": "Whoever errs in another gradient or the stride keeps it. The only one with fewer filters than channels.",
        "dW_stride": "Whoever errs in another gradient keeps it. The only dW of a stride larger than the filter.",
        "db": "Whoever errs in another gradient keeps it. The only five filters.",
        "strided": "The docstring promises views. Nothing else fails an answer that needs contiguous memory.",
        "adjoint": "A property: it would also show an error that an answer and the reference have in common.",
        "differences": "A property: it would also show an error that an answer and the reference have in common.",
    },
    "create_mask_from_window": {
        "position": "The plain case, with most of the weight. The only window of one entry.",
        "integers": "The docstring promises these dtypes. Nothing else fails an answer that takes float64 alone.",
    },
    "distribute_value": {
        "square": "Whoever takes the height for the width keeps it. The only windows with equal sides.",
        "oblong": "What taking the height for the width costs. The only window of one column.",
    },
    "pool_backward": {
        "max": "Whoever errs in the other mode or the stride keeps it. The only maximum of three channels.",
        "max_stride": "Whoever errs in the other mode keeps it. The only maximum of a stride larger than f.",
        "average": "Whoever errs in the other mode or the stride keeps it. The only average of three channels.",
        "average_stride": "Whoever errs in the other mode keeps it. The only average of a stride larger than f.",
        "conserves": "A property: it would also show an error that an answer and the reference have in common.",
    },
}
