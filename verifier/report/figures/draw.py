"""Drawings as SVG, by matplotlib: no file, no window, the same text each time, colours left to the page.

Colours are written as marks that the page's style sheet fills in (`var(--c1)`), so that a figure follows light and
dark. The palette (Okabe and Ito) and the marker shapes tell classes apart without colour vision.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

from verifier.report.document import Figure
from verifier.report.figures.drawings import Cells, Crossings, Line, Plane, Segment, Spectrum, Surface
from verifier.report.text import plain

# What stands for a colour of the page's style sheet while matplotlib draws.
INK, SOFT, RULE, PAPER = "#010203", "#040506", "#070809", "#0a0b0c"
C1, C2, C3, C4 = "#0d0e0f", "#101112", "#131415", "#161718"
STYLES: Mapping[str, str] = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    RULE: "var(--line)",
    PAPER: "var(--paper)",
    C1: "var(--c1)",
    C2: "var(--c2)",
    C3: "var(--c3)",
    C4: "var(--c4)",
}
SIZE = (7.0, 3.9)  # inches
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.usetex": False,
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
}
MARGINS = {"left": 0.105, "right": 0.76, "bottom": 0.135, "top": 0.93}  # room for a legend on the right
LEVELS = 14
MARKERS = {1.0: ("o", C1, "label 1"), -1.0: ("s", C2, "label −1")}


def svg(figure: Figure) -> str:
    """The figure as an SVG element with a title and a description, for use within a page of ours."""
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": figure.name}):
        canvas = Canvas(figsize=SIZE)  # fixed margins: a layout engine would draw everything twice
        canvas.subplots_adjust(**MARGINS)
        FigureCanvasSVG(canvas)
        _DRAW[type(figure.drawing)](canvas, figure.drawing)
        stream = io.StringIO()
        canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _embedded(stream.getvalue(), figure)


def _embedded(text: str, figure: Figure) -> str:
    """The <svg> element alone: accessible, without sizes, metadata and names that nothing refers to."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", text, flags=re.DOTALL)  # a style would act on the whole page
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]*)"', text)
    assert box is not None
    name = f"figure-{figure.name}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}"'
        ' role="img" '
    )
    head += (
        f'aria-labelledby="{name}-title {name}-text"><title'
        f' id="{name}-title">{html.escape(plain(figure.title))}</title>'
    )
    head += f'<desc id="{name}-text">{html.escape(figure.alternative)}</desc>'
    body = text[text.index(">") + 1 :]
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    for mark, colour in STYLES.items():
        body = body.replace(mark, colour)
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d+\.\d\d)\d+", r"\1", tag[0]), body)  # not in what is read
    return head + re.sub(r"\n\s*", "\n", body).strip()


def _samples(axes: Axes, x: Any, y: Any, outcomes: Any, sides: Any, labels: bool) -> None:
    if not labels:
        axes.scatter(x, y, s=26, color=C1, edgecolor=PAPER, linewidth=0.8, zorder=4, label="targets")
        return
    for outcome, (marker, colour, name) in MARKERS.items():
        chosen = outcomes == outcome
        if np.any(chosen):
            axes.scatter(
                x[chosen],
                y[chosen],
                s=34,
                marker=marker,
                color=colour,
                edgecolor=PAPER,
                linewidth=0.8,
                zorder=4,
                label=name,
            )
    wrong = sides < 0
    if np.any(wrong):
        axes.scatter(
            x[wrong],
            y[wrong],
            s=130,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.2,
            zorder=5,
            label="on the wrong side",
        )


def _legend(axes: Axes) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handletextpad=0.4)


def _line(canvas: Canvas, it: Line) -> None:
    axes = canvas.add_subplot()
    if it.labels:
        axes.axhline(0, color=RULE, linewidth=1)
    axes.plot(it.x, it.f, color=C3, zorder=3, label="f(x)")
    _samples(axes, it.inputs, it.heights, it.heights, it.sides, it.labels)
    axes.set_xlabel("x")
    axes.set_ylabel("f, label" if it.labels else "f, target")
    _legend(axes)


def _plane(canvas: Canvas, it: Plane) -> None:
    axes = canvas.add_subplot()
    if it.f is not None and it.labels:
        axes.contourf(it.x, it.y, it.f, levels=[-np.inf, 0, np.inf], colors=[_with(C2, 0.16), _with(C1, 0.16)])
        if it.f.min() < 0 < it.f.max():
            axes.contour(it.x, it.y, it.f, levels=[0], colors=[INK], linewidths=1.4)
    elif it.f is not None:
        _levels(axes, it.x, it.y, it.f)
    if it.separator is not None:
        _separating(axes, it)
    _samples(axes, it.inputs[:, 0], it.inputs[:, 1], it.outcomes, it.sides, it.labels)
    axes.set_xlim(it.x[0], it.x[-1])
    axes.set_ylim(it.y[0], it.y[-1])
    axes.set_xlabel("first input")
    axes.set_ylabel("second input")
    _legend(axes)


def _separating(axes: Axes, it: Plane) -> None:
    assert it.separator is not None
    a, b, c = it.separator
    grid_x, grid_y = np.meshgrid(it.x, it.y)
    value = a * grid_x + b * grid_y + c
    if value.min() < 0 < value.max():
        axes.contour(it.x, it.y, value, levels=[0], colors=[INK], linewidths=1.4)


def _with(colour: str, opacity: float) -> tuple[float, ...]:
    return mpl.colors.to_rgba(colour, opacity)


def _levels(axes: Axes, x: Any, y: Any, z: Any, here: float | None = None) -> None:
    """Level sets: the higher, the darker; the one through the point is a thicker line."""
    low, high = float(z.min()), float(np.quantile(z, 0.9))
    start = low if here is None else here
    if not high > start:
        high = float(z.max())
    below = np.linspace(low, start, 5)[:-1] if start > low else np.array([])
    above = start + _steps(high - start, max(start - low, abs(start)))
    levels = np.unique([*below, *above])
    if len(levels) < 3:
        return
    colours = [_with(C1, 0.03 + 0.5 * k / len(levels)) for k in range(len(levels))]
    axes.contourf(x, y, z, levels=[*levels, np.inf], colors=colours)
    axes.contour(x, y, z, levels=levels, colors=[_with(INK, 0.3)], linewidths=0.6)
    if below.size and start < float(z.max()):
        axes.contour(x, y, z, levels=[start], colors=[C2], linewidths=1.4)


def _steps(height: float, scale: float) -> Any:
    """Heights of levels from 0 on: denser below, and by equal factors where the whole height is far above the scale."""
    if scale > 0 and height > 20 * scale:
        return np.concatenate([[0.0], np.geomspace(scale / 4, height, LEVELS)])
    return height * np.linspace(0, 1, LEVELS) ** 2


def _surface(canvas: Canvas, it: Surface) -> None:
    axes = canvas.add_subplot()
    _levels(axes, it.s, it.t, it.loss, it.here)
    if it.region is not None:
        axes.plot(*it.region, color=C3, linewidth=1.6, label="certified")
    axes.scatter([0], [0], s=46, color=C2, edgecolor=PAPER, linewidth=0.9, zorder=5, label="the point")
    if it.better is not None:
        axes.scatter(
            *it.better, s=60, marker="X", color=C3, edgecolor=PAPER, linewidth=0.9, zorder=5, label="better point"
        )
    axes.ticklabel_format(style="sci", axis="both", scilimits=(-3, 4))
    axes.set_xlabel(it.names[0])
    axes.set_ylabel(it.names[1])
    _legend(axes)


def _segment(canvas: Canvas, it: Segment) -> None:
    axes = canvas.add_subplot()
    start, end = np.interp([0.0, 1.0], it.t, it.loss)
    axes.axhline(start, color=RULE, linewidth=1)
    axes.plot(it.t, it.loss, color=C1, zorder=3)
    axes.scatter([0], [start], s=46, color=C2, edgecolor=PAPER, linewidth=0.9, zorder=5, label="the point")
    axes.scatter([1], [end], s=60, marker="X", color=C3, edgecolor=PAPER, linewidth=0.9, zorder=5, label="better point")
    inside = (it.t >= 0) & (it.t <= 1)
    top = float(it.loss[inside].max())
    span = max(top - min(start, end), 1e-12)
    axes.set_ylim(min(start, end) - 0.08 * span, top + 0.25 * span)
    axes.set_xlabel("t")
    axes.set_ylabel("loss")
    _legend(axes)


def _spectrum(canvas: Canvas, it: Spectrum) -> None:
    axes = canvas.add_subplot()
    index = np.arange(1, len(it.values) + 1)
    sizes = abs(it.values[[s != "zero" for s in it.signs]])
    sizes = sizes[sizes > 1e-12 * float(abs(it.values).max())]
    smallest = float(np.median(sizes)) * 1e-3 if len(sizes) else 1.0
    axes.axhline(0, color=RULE, linewidth=1)
    looks = {
        "positive": ("^", C1, "certified positive"),
        "zero": ("o", C3, "certified zero"),
        "negative": ("v", C2, "certified negative"),
        "undecided": ("D", SOFT, "sign not certified"),
    }
    for sign, (marker, colour, name) in looks.items():
        chosen = np.array([s == sign for s in it.signs])
        if np.any(chosen):
            values = np.where(sign == "zero", 0.0, it.values[chosen])
            face = "none" if sign == "undecided" else colour
            axes.scatter(
                index[chosen], values, s=34, marker=marker, facecolor=face, edgecolor=colour, zorder=4, label=name
            )
    axes.vlines(index, 0, np.where([s == "zero" for s in it.signs], 0.0, it.values), color=RULE, linewidth=1)
    if len(sizes) and float(sizes.max()) > 50 * float(sizes.min()):
        axes.set_yscale("symlog", linthresh=max(smallest, 1e-12))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    axes.set_xlabel("eigenvalue, in increasing order")
    axes.set_xlim(0.4, len(it.values) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes)


def _crossings(canvas: Canvas, it: Crossings) -> None:
    canvas.subplots_adjust(right=0.97, wspace=0.3)
    for k, item in enumerate(it.items):
        axes = canvas.add_subplot(1, len(it.items), k + 1)
        axes.axvline(0, color=RULE, linewidth=1)
        axes.plot(item.offsets, item.loss - item.loss[len(item.loss) // 2], color=C1)
        axes.set_title(item.name, fontsize=9.5, color=INK)
        axes.set_xlabel("pre-activation")
        axes.ticklabel_format(style="sci", axis="both", scilimits=(-2, 3))
        if k == 0:
            axes.set_ylabel("loss, above that at the center")


def _cells(canvas: Canvas, it: Cells) -> None:
    axes = canvas.add_subplot()
    x, y = it.slopes * np.cos(it.angles), it.slopes * np.sin(it.angles)
    reach = 1.25 * float(it.slopes.max() or 1.0)
    for k, wall in enumerate(it.walls):
        ends = reach * np.array([-1.0, 1.0])
        axes.plot(
            ends * np.cos(wall),
            ends * np.sin(wall),
            color=SOFT,
            linewidth=1,
            linestyle=(0, (4, 3)),
            label=None if k else "a unit on its kink",
        )
    axes.fill(x, y, color=_with(C1, 0.18), linewidth=0)
    axes.plot(x, y, color=C1, label="slope, by direction")
    axes.scatter([0], [0], s=46, color=C2, edgecolor=PAPER, linewidth=0.9, zorder=5, label="the weights (slope 0)")
    axes.set_aspect("equal")
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_xlabel("first weight" if it.whole else "in the plane")
    axes.set_ylabel("second weight (bias)" if it.whole else "")
    _legend(axes)


_DRAW: Mapping[type, Callable[[Canvas, Any], None]] = {
    Line: _line,
    Plane: _plane,
    Surface: _surface,
    Segment: _segment,
    Spectrum: _spectrum,
    Crossings: _crossings,
    Cells: _cells,
}
