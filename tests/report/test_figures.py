"""Figures: the floats are those of the exact case, the words say what the numbers say, the SVG is the page's own."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from random import Random

import numpy as np
import pytest
from flint import fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from tests.report.certificates import dead_certificates
from verifier.case import load
from verifier.checker.analysis import Analysis
from verifier.checker.case import read_case
from verifier.checker.network import flatten
from verifier.decision import decide
from verifier.model.scalars import to_float
from verifier.report.build import accept, report
from verifier.report.document import Figure
from verifier.report.figures.draw import STYLES, svg
from verifier.report.figures.drawings import Cells, Crossings, Line, Plane, Segment, Spectrum, Surface
from verifier.report.figures.floats import Landscape, vector
from verifier.report.figures.scene import inertia

ROOT = Path(__file__).parents[2]


def figures_of(name: str) -> dict[str, Figure]:
    case = load(ROOT / name)
    found = [decision.certificate for claim in case.claims if (decision := decide(case, claim)).certificate]
    return {figure.name: figure for figure in report(accept(json.loads(json.dumps(found)))).figures}


@pytest.fixture(scope="module")
def dead_unit() -> dict[str, Figure]:
    return figures_of("docs/example.toml")


# -- floats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "docs/example.toml",
        "cases/liang2018/quadratic-loss-exp.toml",
        "cases/liang2018/theorem-a-shortcut.toml",
        "cases/liang2018/exponential-neuron-removes-dead-minimum.toml",
        "cases/liang2018/deep-leaky-relu-affine.toml",
        "cases/trained/kinked-two-relu.toml",
    ],
)
def test_floats_agree_with_the_exact_loss(name: str) -> None:
    """The checker's exact values, and the same functions in float64, at the same point."""
    case = read_case(load(ROOT / name).document())
    theta = case.point or case.better
    assert theta is not None
    exact, landscape = Analysis(case, theta), Landscape(case)
    point = vector(flatten(theta))[None, :]
    assert np.allclose(landscape.losses(point)[0], to_float(exact.loss), rtol=1e-9)
    outputs = landscape.outputs(point, landscape.inputs)[0]
    assert np.allclose(outputs, [to_float(f) for f in exact.outputs], rtol=1e-9, atol=1e-12)


def test_many_points_at_once_are_the_same_as_one_by_one() -> None:
    landscape = Landscape(read_case(dead_certificates()[0]["case"]))
    thetas = np.linspace(-2, 2, 7 * 12).reshape(12, 7)
    assert np.allclose(landscape.losses(thetas), [landscape.losses(row[None, :])[0] for row in thetas])


# -- what is drawn, and what is said of it -----------------------------------------------------------------------------


def test_the_figures_of_a_dead_unit(dead_unit: dict[str, Figure]) -> None:
    assert list(dead_unit) == ["data", "surface", "segment", "spectrum"]
    data, surface = dead_unit["data"], dead_unit["surface"]
    assert isinstance(data.drawing, Line)
    assert np.allclose(data.drawing.f, 1 / 3)
    assert list(data.drawing.sides) == [1, 1, -1]
    assert "constant 0.3333" in data.alternative
    assert "1 of 3 samples is on the wrong side" in data.alternative
    assert isinstance(surface.drawing, Surface)
    assert surface.drawing.better is not None


def test_the_barrier_is_that_of_the_numbers(dead_unit: dict[str, Figure]) -> None:
    """On the segment the unit stays dead until it wakes up: the loss rises from 8/9, and 0 is the end."""
    figure = dead_unit["segment"]
    assert isinstance(figure.drawing, Segment)
    assert "From 0.8889 at the point" in figure.alternative
    top = figure.drawing.loss[(figure.drawing.t >= 0) & (figure.drawing.t <= 1)].max()
    assert f"rises to {top:.4g}" in figure.alternative
    assert "falls to 0 at the better point" in figure.alternative


def test_certified_signs_of_a_dead_unit(dead_unit: dict[str, Figure]) -> None:
    """H has the only entry 2 at a_0: the other three parameters do nothing near the point."""
    figure = dead_unit["spectrum"]
    assert isinstance(figure.drawing, Spectrum)
    assert figure.drawing.signs == ("zero", "zero", "zero", "positive")
    assert np.allclose(figure.drawing.values, [0, 0, 0, 2])
    assert "3 are zero, 1 is positive" in figure.alternative


def test_a_rational_hessian_has_all_its_signs() -> None:
    """Positive semidefinite, and no minimum: the loss falls at order four."""
    figure = figures_of("cases/liang2018/weight-decay-quartic-saddle.toml")["spectrum"]
    assert isinstance(figure.drawing, Spectrum)
    assert figure.drawing.signs == ("zero", "positive", "positive")


@given(st.lists(st.integers(-1, 1), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_inertia_is_that_of_a_congruent_diagonal(diagonal: list[int], random: Random) -> None:
    """Sylvester's law: B D Bᵀ has the signs of D for every invertible B."""
    size = len(diagonal)
    lower = [[random.randint(-3, 3) if c < r else int(c == r) for c in range(size)] for r in range(size)]
    b, d = fmpq_mat(size, size, [v for row in lower for v in row]), fmpq_mat(size, size)
    for k, v in enumerate(diagonal):
        d[k, k] = v
    expected = (diagonal.count(0), diagonal.count(1), diagonal.count(-1))
    assert inertia(b * d * b.transpose()) == expected


def test_signs_that_nothing_certifies_are_undecided() -> None:
    figure = figures_of("cases/liang2018/quadratic-loss-exp.toml")["spectrum"]
    assert isinstance(figure.drawing, Spectrum)
    assert set(figure.drawing.signs) == {"undecided"}
    assert "No sign is certified" in figure.alternative


def test_the_certified_region_of_a_point_near_by() -> None:
    figures = figures_of("docs/near.toml")
    surface = figures["surface"]
    assert isinstance(surface.drawing, Surface)
    assert surface.drawing.region is not None
    assert abs(surface.drawing.region).max() < abs(surface.drawing.s).max()
    assert "The outline is certified" in surface.alternative
    spectrum = figures["spectrum"]
    assert isinstance(spectrum.drawing, Spectrum)
    assert set(spectrum.drawing.signs) == {"positive"}


def test_kinks_and_cells() -> None:
    crossing = figures_of("cases/trained/kinked-two-relu.toml")["kinks"]
    assert isinstance(crossing.drawing, Crossings)
    for item in crossing.drawing.items:
        middle = len(item.loss) // 2
        assert item.left[1] < 0 < item.right[0]
        assert item.loss[middle] == item.loss.min()
        slope = (item.loss[middle + 1] - item.loss[middle]) / (item.offsets[middle + 1] - item.offsets[middle])
        assert np.isclose(slope, item.right[0], rtol=1e-2)
    cells = figures_of("cases/liang2018/relu-unit-on-its-kink.toml")["cells-0-0"]
    assert isinstance(cells.drawing, Cells)
    assert "1 line cuts the directions into 2 cells" in cells.alternative
    assert cells.drawing.slopes.min() >= 0


# -- SVG ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Figure, str]]:
    """One figure of each kind."""
    found: dict[type, Figure] = {}
    names = ("docs/example.toml", "cases/liang2018/relu-unit-on-its-kink.toml", "cases/trained/kinked-two-relu.toml")
    for name in names:
        for figure in figures_of(name).values():
            found.setdefault(type(figure.drawing), figure)
    plane = next(f for f in figures_of("cases/liang2018/leaky-relu-xor.toml").values() if isinstance(f.drawing, Plane))
    found[Plane] = plane
    return [(figure, svg(figure)) for figure in found.values()]


def test_every_kind_is_drawn(drawn: list[tuple[Figure, str]]) -> None:
    assert {type(figure.drawing) for figure, _ in drawn} == {Line, Plane, Surface, Segment, Spectrum, Crossings, Cells}


def test_a_drawing_is_accessible_and_well_formed(drawn: list[tuple[Figure, str]]) -> None:
    for figure, text in drawn:
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        space = {"s": "http://www.w3.org/2000/svg"}
        assert root.findtext("s:desc", namespaces=space) == figure.alternative
        assert root.get("viewBox")
        assert root.get("width") is None
        names = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(names) == len(set(names))


def test_a_drawing_has_the_colours_of_the_page_and_no_others(drawn: list[tuple[Figure, str]]) -> None:
    for _, text in drawn:
        assert not set(STYLES) & set(re.findall(r"#[0-9a-f]{6}", text))
        assert {"var(--ink)", "var(--soft)"} <= set(re.findall(r"var\(--\w+\)", text)) <= set(STYLES.values())
        colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-fA-F]{3,6})\b", text))
        assert colours == set()


def test_a_drawing_refers_to_nothing_else(drawn: list[tuple[Figure, str]]) -> None:
    for _, text in drawn:
        addresses = re.findall(r"""(?:href|src|url)\s*[=(]\s*["']?([^"')\s]+)""", text)
        assert all(address.startswith("#") for address in addresses)
        assert not re.search(r"<(script|image|style|foreignObject)", text)
        assert re.search(r"20\d\d-\d\d-\d\d", text) is None  # no dates


def test_a_drawing_is_the_same_each_time(drawn: list[tuple[Figure, str]]) -> None:
    for figure, text in drawn[:2]:
        assert svg(figure) == text
