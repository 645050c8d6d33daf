"""The notebook's figures and its data set: as their scripts make them, small, accessible and credited."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import h5py
import matplotlib
import nbformat
import numpy as np
import pytest

from tests.conftest import script

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "hidden" / "cnn_step_by_step"
IMAGES = ROOT / "source" / "cnn_step_by_step" / "images"
DATA = ROOT / "source" / "cnn_step_by_step" / "data"
NOTEBOOK = ROOT / "source" / "cnn_step_by_step" / "cnn_step_by_step.ipynb"
SVG = "{http://www.w3.org/2000/svg}"
KB = 1000


make_figures = script(SCRIPTS / "make_figures.py")
make_digits = script(SCRIPTS / "make_digits.py")

NAMES = ["outline", "padding", "one_window", "four_corners", "stacked_filters", "pooling", "mask_and_share"]
every_figure = pytest.mark.parametrize("name", NAMES)


def committed(name: str) -> str:
    return (IMAGES / f"{name}.svg").read_bytes().decode()


def root_of(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own files


def texts(svg: str) -> tuple[str | None, str | None]:
    root = root_of(svg)
    return root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")


def test_the_folder_holds_exactly_the_listed_figures() -> None:
    assert list(make_figures.FIGURES) == NAMES
    assert sorted(path.name for path in IMAGES.iterdir()) == sorted(f"{name}.svg" for name in NAMES)


def test_drawing_again_writes_the_same_set_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_figures.main(["--out", str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in IMAGES.iterdir())
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / f"{name}.svg") for name in NAMES]


@every_figure
def test_drawing_again_gives_the_committed_figure(name: str) -> None:
    """Byte for byte with the Matplotlib that drew it; with another one, letters may move, but the words stay."""
    old, new = committed(name), make_figures.render(name)
    assert texts(new) == texts(old)
    drawn_with = re.search(r"<!-- drawn with Matplotlib (\S+) -->", old)
    assert drawn_with is not None
    if drawn_with[1] == matplotlib.__version__:
        assert new == old


@every_figure
def test_drawing_twice_gives_the_same_bytes(name: str) -> None:
    assert make_figures.render(name) == make_figures.render(name)


def test_a_personal_matplotlib_style_does_not_change_the_figures() -> None:
    usual = make_figures.render("pooling")
    with matplotlib.rc_context({"font.size": 20, "svg.fonttype": "none", "axes.facecolor": "red"}):
        assert make_figures.render("pooling") == usual
        assert matplotlib.rcParams["font.size"] == 20


@every_figure
def test_a_figure_has_a_text_alternative(name: str) -> None:
    root = root_of(committed(name))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == make_figures.FIGURES[name].title
    assert description.text == make_figures.FIGURES[name].description
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


@every_figure
def test_a_figure_is_small_in_bytes_and_on_the_page(name: str) -> None:
    svg = committed(name)
    assert len(svg.encode()) < 20 * KB
    width, height = (float(value) for value in root_of(svg).attrib["viewBox"].split()[2:])
    assert width / 0.75 <= 600  # CSS pixels
    assert height / 0.75 <= 240


@every_figure
def test_a_figure_uses_no_colour_outside_the_palette(name: str) -> None:
    used = set()
    for element in root_of(committed(name)).iter():
        used |= {element.get(key) for key in ("fill", "stroke", "color", "opacity")} - {None}
        rules = re.findall(r"{([^}]*)}", element.text or "") if element.tag == f"{SVG}style" else []
        for declaration in ";".join([element.get("style") or "", *rules]).split(";"):
            key, _, value = (part.strip() for part in declaration.partition(":"))
            if "opacity" in key or (key in {"fill", "stroke", "color"} and not value.startswith("url(")):
                used.add(value)
    assert used - {"none"} <= make_figures.PALETTE


@every_figure
def test_a_figure_needs_no_font_of_its_own_no_script_and_no_other_file(name: str) -> None:
    root = root_of(committed(name))
    assert not {element.tag.removeprefix(SVG) for element in root.iter()} & {"script", "image"}
    families = re.findall(r"font-family: ([^;}]*)", committed(name))
    assert families
    assert all(family.endswith(("sans-serif", "monospace")) for family in families)
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]
    assert all(link.startswith("#") for link in links)


@every_figure
def test_the_notebook_shows_the_figure_with_its_text_alternative(name: str) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = re.findall(rf"!\[(.*?)\]\(images/{name}\.svg\)", "\n".join(cell.source for cell in notebook.cells))
    assert shown == [make_figures.FIGURES[name].description]


def test_no_text_alternative_in_the_notebook_breaks_a_markdown_image() -> None:
    """JupyterLab shows the source instead of the picture when brackets nest or do not pair."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    alternatives = re.findall(r"!\[(.*)\]\([^()]+\)", prose)
    assert len(alternatives) == prose.count("![") == len(NAMES)
    for alternative in alternatives:
        assert not re.search(r"[\[\]]", re.sub(r"\[[^\[\]]*\]", "", alternative)), alternative
        assert "[[" not in alternative


@every_figure
def test_a_figure_carries_no_date(name: str) -> None:
    assert not re.search(r"\b20\d\d-\d\d", committed(name))


def test_the_figures_draw_the_worked_example() -> None:
    """One step by hand, then all of Z: without padding, and padded at stride 2."""
    X, W, b = make_figures.X, make_figures.W, make_figures.B
    assert X.tolist() == [[2, 0, 1], [1, 3, 2], [0, 1, 4]]
    assert W.tolist() == [[1, -1], [0, 2]]
    assert make_figures.convolve(X, W, b)[0, 0] == 2 * 1 + 0 * -1 + 1 * 0 + 3 * 2 + 1
    assert make_figures.convolve(X, W, b).tolist() == [[9, 4], [1, 10]]
    assert make_figures.convolve(np.pad(X, 1), W, b, 2).tolist() == [[5, 3], [0, 10]]


def test_the_text_alternatives_name_the_numbers_that_are_drawn() -> None:
    X, W, f = make_figures.X, make_figures.W, make_figures.F
    window = X[:f, :f]
    views = make_figures.windows(X, f)

    def listed(A: np.ndarray) -> str:
        return ", ".join(str(value) for value in A.ravel())

    step = make_figures.FIGURES["one_window"].description
    for part in [listed(window), listed(W), listed(window * W), f"{(window * W).sum() + make_figures.B}"]:
        assert part in step
    pooled = make_figures.FIGURES["pooling"].description
    assert f"max {listed(views.max(axis=(2, 3)))}, average {listed(views.mean(axis=(2, 3)))}." in pooled
    shared = make_figures.FIGURES["mask_and_share"].description
    assert f"{listed((window == window.max()) * make_figures.DA_MASK)}." in shared
    assert f"{make_figures.DZ_SHARE / f**2} in each" in shared


def test_the_digits_file_is_under_a_hundred_kilobytes() -> None:
    assert (DATA / "digits.h5").stat().st_size < 100 * KB


def test_the_digits_have_the_promised_layout() -> None:
    with h5py.File(DATA / "digits.h5") as file:
        assert set(file) == {"images", "labels"}
        images, labels = file["images"], file["labels"]
        assert (images.shape, images.dtype, images.compression) == ((1797, 8, 8), np.uint8, "gzip")
        assert (labels.shape, labels.dtype, labels.compression) == ((1797,), np.uint8, "gzip")
        assert (images[:].min(), images[:].max()) == (0, 16)
        assert set(labels[:].tolist()) == set(range(10))


def test_the_digits_file_says_what_it_is() -> None:
    with h5py.File(DATA / "digits.h5") as file:
        attributes = dict(file.attrs)
    assert set(attributes) == {"title", "source", "licence", "usage", "made_with"}
    assert "Optical Recognition of Handwritten Digits" in attributes["title"]
    assert "E. Alpaydin and C. Kaynak" in attributes["source"]
    assert attributes["licence"] == "CC BY 4.0"


def test_the_usage_line_of_the_digits_file_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with h5py.File(DATA / "digits.h5") as file:
        usage = file.attrs["usage"]
    monkeypatch.chdir(DATA.parent)
    names: dict[str, object] = {"h5py": h5py}
    exec(usage, names)  # noqa: S102  our own line
    assert np.shape(names["images"]) == (1797, 8, 8)
    assert np.shape(names["labels"]) == (1797,)


def test_making_the_digits_again_gives_the_committed_file(tmp_path: Path) -> None:
    """Byte for byte with the libraries that wrote it; with others, the compressed form may differ, not the numbers."""
    made = tmp_path / "digits.h5"
    make_digits.main(["--out", str(made)])
    with h5py.File(made) as new, h5py.File(DATA / "digits.h5") as old:
        for name in ("images", "labels"):
            np.testing.assert_array_equal(new[name][:], old[name][:])
            assert new[name].dtype == old[name].dtype
        same_libraries = new.attrs["made_with"] == old.attrs["made_with"]
    if same_libraries:
        assert made.read_bytes() == (DATA / "digits.h5").read_bytes()


def test_the_digits_file_is_readable_by_old_versions_of_hdf5() -> None:
    """Version 0 of the superblock is the format that every HDF5 has read."""
    head = (DATA / "digits.h5").read_bytes()[:9]
    assert head == b"\x89HDF\r\n\x1a\n" + bytes([0])


def test_the_digits_are_credited_and_students_get_the_credit_too() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert (DATA / "NOTICE").read_text(encoding="utf-8") == notice
    for part in [
        "digits.h5",
        "Optical Recognition of Handwritten Digits",
        "E. Alpaydin",
        "C. Kaynak",
        "UCI",
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        "What was changed",
        "uint8",
    ]:
        assert part in notice
