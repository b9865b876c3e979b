"""A game day as a picture: orders a second by their home, the lag of the copies, and the fault as a band. SVG, by hand."""

from collections.abc import Callable, Sequence
from html import escape
from math import log10

from localcloud.gameday.report import percentiles, when
from localcloud.gameday.run import Result
from regions import topology

WIDTH, LEFT, RIGHT = 960, 64, 24
TOP, HEIGHT, GAP = 124, 150, 56  # of the upper panel; both are alike
DASHES = ("", "7 3", "2 3", "9 3 2 3")  # lines can be told apart without colour

STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1b2733 } .title { font-size: 19px; font-weight: 600 }
  .small { font-size: 12px; fill: #51606f } .back { fill: #fff } .grid { stroke: #d5dce3 } .fault { fill: #d9480f; opacity: .16 }
  .line { fill: none; stroke-width: 2 } .s0 { stroke: #0b62b8 } .s1 { stroke: #a33b00 } .s2 { stroke: #16742f }
  .s3 { stroke: #8627a8 } .dots { fill: none; stroke-width: 4; stroke-linecap: round; opacity: .55 }
  .late { stroke: #c02b0a }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8edf2 } .small { fill: #aebbc7 } .back { fill: #12181f } .grid { stroke: #35414d }
    .fault { fill: #ff922b; opacity: .2 } .s0 { stroke: #6db3f8 } .s1 { stroke: #ffa066 } .s2 { stroke: #63c97f }
    .s3 { stroke: #d08cf0 } .late { stroke: #ff7b5c }
  }"""


def picture(result: Result) -> str:
    """A complete SVG document, legible in light and dark."""
    seconds = max(1.0, result.seconds, *(result.fault or ()))

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(at / seconds, 0.0), 1.0)

    below = TOP + HEIGHT + GAP
    height = below + HEIGHT + 48
    parts = [
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{LEFT}" y="30">{escape(title(result))}</text>',
        *(
            f'<text class="small" x="{LEFT}" y="{52 + 18 * n}">{escape(f)}</text>'
            for n, f in enumerate(figures(result))
        ),
        *_band(result, x, height),
        *_orders(result, seconds, x),
        *_lags(result, x, below),
        *_seconds(seconds, x, height),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">\n'
        f'<title id="t">{escape(title(result))}</title>\n<desc id="d">{escape(", ".join(figures(result)))}</desc>\n'
        f"<style>{STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def title(result: Result) -> str:
    return f"Game day “{result.options.scenario.name}”, {result.options.region}: {len(result.customers)} orders"


def figures(result: Result) -> list[str]:
    """The most important figures, in two lines."""
    verdict = result.verdict
    equal = "never" if result.converged_seconds is None else f"{result.converged_seconds:.1f} s after the last change"
    answered = result.asked_answers()
    return [
        f"{len(result.acknowledged)} acknowledged, {len(verdict.lost)} lost, {len(verdict.doubled)} doubled, "
        f"{len(result.foreign)} writes outside home, {len(result.acknowledged) / result.seconds:.1f} orders a second",
        f"replicas equal {equal}, {100 * sum(answered) / max(1, len(answered)):.1f} % of requests answered",
    ]


def _band(result: Result, x: Callable[[float], float], height: int) -> list[str]:
    if result.fault is None:
        return []
    began, ended = (x(at) for at in result.fault)
    return [
        f'<rect class="fault" x="{began:.1f}" y="{TOP}" width="{ended - began:.1f}" height="{height - TOP - 40}">'
        f"<title>The fault: {escape(when(result))}</title></rect>",
        f'<text class="small" x="{began + 4:.1f}" y="{TOP + 14}">{escape(result.options.scenario.name)}</text>',
    ]


def _orders(result: Result, seconds: float, x: Callable[[float], float]) -> list[str]:
    homes = list(topology.current().regions)
    counts = {home: [0] * (int(seconds) + 1) for home in homes}
    for customer in result.acknowledged:
        counts[str(customer.key).partition("#")[0]][min(int(customer.ended), int(seconds))] += 1
    top = max(1, *(max(values) for values in counts.values()))
    parts = _axis(TOP, "orders a second, by home", [(0, "0"), (1, str(top))])
    for number, home in enumerate(homes):
        line = " ".join(
            f"{x(at + 0.5):.1f},{TOP + HEIGHT * (1 - value / top):.1f}" for at, value in enumerate(counts[home])
        )
        style = f'class="line s{number % 4}" stroke-dasharray="{DASHES[number % 4]}"'
        legend = LEFT + 200 + 165 * number
        parts += [
            f'<polyline {style} points="{line}"/>',
            f'<line {style} x1="{legend}" y1="{TOP - 15}" x2="{legend + 32}" y2="{TOP - 15}"/>',
            f'<text class="small" x="{legend + 38}" y="{TOP - 11}">{home}</text>',
        ]
    return parts


def _lags(result: Result, x: Callable[[float], float], top: int) -> list[str]:
    """Half a second and a pair of regions a dot: the slowest copy. The scale is logarithmic, from 10 ms to 100 s."""
    slowest: dict[tuple[int, str, str], int] = {}
    for at, lag in result.lags:
        place = (int(at * 2), lag.home, lag.region)
        slowest[place] = max(slowest.get(place, 0), lag.lag_ms)
    scale = [(0.0, "10 ms"), (0.25, "0.1 s"), (0.5, "1 s"), (0.75, "10 s"), (1.0, "100 s")]
    all_lags = percentiles(lag.lag_ms / 1000 for _, lag in result.lags)
    parts = _axis(top, f"lag of the copies, the slowest of each pair of regions; all: {all_lags}", scale)
    dots: dict[str, str] = {"s0": "", "late": ""}
    for (half, home, region), lag_ms in sorted(slowest.items()):
        y = top + HEIGHT * (1 - _share(lag_ms))
        dots["late" if (home, region) in result.affected else "s0"] += f"M{x(half / 2 + 0.25):.1f} {y:.1f}h0"
    parts += [f'<path class="dots {kind}" d="{path}"/>' for kind, path in dots.items() if path]
    if result.affected:
        parts += [
            f'<path class="dots late" d="M{WIDTH - 215} {top - 15}h0"/>',
            f'<text class="small" x="{WIDTH - 205}" y="{top - 11}">pairs that the fault is about</text>',
        ]
    return parts


def _share(lag_ms: int) -> float:
    return min(1.0, max(0.0, (log10(max(lag_ms, 10)) - 1) / 4))


def _axis(top: int, name: str, marks: Sequence[tuple[float, str]]) -> list[str]:
    parts = [f'<text class="small" x="{LEFT}" y="{top - 11}">{escape(name)}</text>']
    for share, label in marks:
        y = top + HEIGHT * (1 - share)
        parts += [
            f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>',
            f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>',
        ]
    return parts


def _seconds(seconds: float, x: Callable[[float], float], height: int) -> list[str]:
    step = next((step for step in (1, 2, 5, 10, 20, 30, 60, 120) if seconds / step <= 12), 300)
    return [
        f'<text class="small" x="{x(at):.1f}" y="{height - 20}" text-anchor="middle">{at} s</text>'
        for at in range(0, int(seconds) + 1, step)
    ]
