"""Write the handwritten digits of the notebook: ``python hidden/cnn_step_by_step/make_digits.py [--out FILE]``.

Reads the copy that comes with scikit-learn, so nothing is downloaded. Writes one HDF5 file, by default
``source/cnn_step_by_step/data/digits.h5``, and prints its path. The layout:

    images   (1797, 8, 8) uint8, ink per pixel, 0 (white) to 16 (black)
    labels   (1797,) uint8, the digit, 0 to 9
    attributes of the file: title, source, licence, usage, made_with

The same versions of h5py and HDF5 give the same bytes. ``NOTICE`` beside the file carries the credit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

DIGITS = Path(__file__).resolve().parents[2] / "source" / "cnn_step_by_step" / "data" / "digits.h5"

ATTRIBUTES = {
    "title": "Optical Recognition of Handwritten Digits (1797 images of 8 x 8 pixels)",
    "source": "UCI Machine Learning Repository, E. Alpaydin and C. Kaynak, https://doi.org/10.24432/C50P49",
    "licence": "CC BY 4.0",
    "usage": 'with h5py.File("data/digits.h5") as file: images, labels = file["images"][:], file["labels"][:]',
    "made_with": f"h5py {h5py.version.version}, HDF5 {h5py.version.hdf5_version}",
}


def digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images, (1797, 8, 8) uint8 from 0 to 16, and labels, (1797,) uint8 from 0 to 9."""
    packaged = load_digits()
    return packaged.images.astype(np.uint8), packaged.target.astype(np.uint8)


def write(path: Path) -> None:
    """Write images and labels to ``path``, in the oldest file format, so that every HDF5 can read it."""
    images, labels = digits()
    with h5py.File(path, "w", libver="earliest") as file:
        file.attrs.update(ATTRIBUTES)
        for name, array in [("images", images), ("labels", labels)]:
            # One chunk, as the notebook reads all of it; a time stamp would change the bytes.
            file.create_dataset(
                name, data=array, chunks=array.shape, compression="gzip", compression_opts=9, track_times=False
            )


def main(arguments: Iterable[str] | None = None) -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description="Write the handwritten digits of the notebook as one HDF5 file.")
    parser.add_argument("--out", type=Path, default=DIGITS, metavar="FILE", help="default: %(default)s")
    out = parser.parse_args(None if arguments is None else list(arguments)).out
    out.parent.mkdir(parents=True, exist_ok=True)
    write(out)
    sys.stdout.write(f"{out}\n")


if __name__ == "__main__":
    main()
