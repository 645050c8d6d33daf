"""Figures as PNG images, and as fingerprints: drawing is most of what a notebook costs, and most figures are alike."""

import copyreg
import hashlib
import io
import pickle
import sys

import numpy as np

FINGERPRINT_BYTES = 16
NO_FINGERPRINT = bytes(FINGERPRINT_BYTES)
MAX_BYTES = 2**20
DPI, MIN_DPI = 90, 30
MAX_PIXELS = 1600
COLOURS = 96
MARGIN_IN = 0.1  # around a figure that is cut to what is drawn


def fingerprint(figure):
    """Return bytes that two figures have in common only if everything that decides their looks is equal.

    That is all their parts with their numbers, as pickle writes them down, and Matplotlib's settings.
    """
    file = io.BytesIO()
    try:
        figure_pickler()(file, 5).dump(figure)
    except Exception:  # what cannot be pickled (a function that formats, for one) has no fingerprint
        return NO_FINGERPRINT
    parts = file.getvalue()
    if b"__main__" in parts:  # a class of the notebook's own is named there, but its code, which draws, is not
        return NO_FINGERPRINT
    settings = repr(list(dict.items(sys.modules["matplotlib"].rcParams))).encode()
    return hashlib.sha256(parts + settings).digest()[:FINGERPRINT_BYTES]


def png_of(figure):
    """Return a figure as PNG: of bounded width, height and number of bytes, whatever size it says it has."""
    largest = max(figure.get_size_inches())
    if largest > MAX_PIXELS / MIN_DPI:  # no font can be made so small that its text would still fit
        figure.set_size_inches(figure.get_size_inches() * MAX_PIXELS / MIN_DPI / largest)
        largest = MAX_PIXELS / MIN_DPI
    dpi = min(DPI, MAX_PIXELS / largest)
    content = b""
    for share in (1, 0.5, 0.25):
        figure.set_dpi(share * dpi)
        content = whole_png(figure) if figure.get_layout_engine() else cut_png(figure)
        if len(content) <= MAX_BYTES:
            return content
    raise ValueError(f"{len(content)} bytes")


def whole_png(figure):
    """Draw a figure that its layout engine arranges; ``savefig`` would have it arranged and drawn twice."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return packed(Image.fromarray(np.asarray(canvas.buffer_rgba())))


def cut_png(figure):
    """Draw the part of a figure that anything stands on, as Jupyter does; what lies far outside is cut off."""
    from matplotlib.transforms import Bbox
    from PIL import Image

    figure.draw_without_rendering()
    width, height = figure.get_size_inches()
    most = Bbox([[-width / 4, -height / 4], [1.25 * width, 1.25 * height]])
    drawn = Bbox.intersection(figure.get_tightbbox().padded(MARGIN_IN), most)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure.dpi, bbox_inches=drawn)
    return packed(Image.open(file))


def packed(image):
    """Return a picture as PNG in few colours: a plot looks the same in them, and takes half the bytes."""
    from PIL import Image

    whole = image.convert("RGB")
    file = io.BytesIO()
    whole.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()


def figure_pickler():
    from matplotlib.transforms import TransformNode

    class FigurePickler(pickle.Pickler):
        """Writes addresses, by which transforms list those that build on them, as the order that they have."""

        def reducer_override(self, part):
            if not isinstance(part, TransformNode):
                return NotImplemented
            state = dict(part.__getstate__())
            state["_parents"] = list(state["_parents"].values())
            return copyreg.__newobj__, (type(part),), state

    return FigurePickler
