"""Small pictures of numbers over time, as the points of an SVG polyline. Pure."""

from collections.abc import Sequence

WIDTH, HEIGHT = 120, 28


def line(values: Sequence[float | None], *, top: float) -> list[str]:
    """The `points` of a polyline for each unbroken run of values, the last value at the right edge; `top` is the full height.

    A value above the top is drawn at the top, a gap (None) breaks the line.
    """
    step = WIDTH / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        height = HEIGHT - min(1.0, value / top if top else 0.0) * (HEIGHT - 2) - 1
        runs[-1].append(f"{place * step:.1f},{height:.1f}")
    # A single value is a dot: a line of no length, drawn with a round end.
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs if run]


def bars(values: Sequence[float], *, top: float) -> list[tuple[str, str, str, str]]:
    """x, y, width and height of a bar for each value that is not 0."""
    step = WIDTH / max(1, len(values))
    found = []
    for place, value in enumerate(values):
        if value:
            height = max(1.0, min(1.0, value / top) * HEIGHT)
            found.append((f"{place * step:.1f}", f"{HEIGHT - height:.1f}", f"{step * 0.8:.1f}", f"{height:.1f}"))
    return found
