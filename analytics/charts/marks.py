"""Marks: the symbols, lines and words of a chart as SVG."""

from html import escape, unescape

from analytics.charts.layouts import INK

TEXT = 12
LETTER = 0.55  # of the text's size: how wide a letter is, about
DASHES = {"dash": "6 4", "dot": "2 3", "dashdot": "6 3 2 3", "longdash": "10 4", "longdashdot": "10 3 2 3"}
Point = tuple[float, float]


def mark(symbol: str, x: float, y: float, size: float, colour: str) -> str:
    """A symbol as plotly.js names it, around a point; `-open` ones are hollow."""
    reach = size / 2
    hollow = symbol.endswith("-open")
    look = f'fill="{"#fff" if hollow else colour}" stroke="{colour}" stroke-width="{2 if hollow else 1}"'
    name = symbol.removesuffix("-open")
    if name in LINES:
        ends = [(a * reach, b * reach, c * reach, d * reach) for a, b, c, d in LINES[name]]
        return "".join(line((x + a, y + b), (x + c, y + d), colour, 2) for a, b, c, d in ends)
    if name in CORNERS:
        points = " ".join(f"{x + a * reach:.1f},{y + b * reach:.1f}" for a, b in CORNERS[name])
        return f'<polygon points="{points}" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{reach:.1f}" {look}/>'


# Times half the size: the ends of lines, and corners.
LINES: dict[str, list[tuple[float, float, float, float]]] = {
    "x-thin": [(-1, -1, 1, 1), (-1, 1, 1, -1)],
    "line-ns": [(0, -1, 0, 1)],
    "line-ew": [(-1, 0, 1, 0)],
    "cross": [(-1, 0, 1, 0), (0, -1, 0, 1)],
}
CORNERS: dict[str, list[Point]] = {
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "diamond": [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    "triangle-up": [(0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
    "triangle-down": [(0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
}


def line(a: Point, b: Point, colour: str, width: float = 1, dash: str | None = None) -> str:
    """A line from one point to another."""
    dashes = f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""
    ends = f'x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"{dashes}/>'


def text(words: str, x: float, y: float, *, anchor: str = "start", most: float | None = None) -> str:
    """Words as plotly.js reads them, cut where they would be wider than `most`."""
    plain = unescape(words)
    letters = None if most is None else max(4, int(most / LETTER / TEXT))
    cut = plain if letters is None or len(plain) <= letters else _cut(plain, letters)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(cut)}</text>'


def _cut(name: str, letters: int) -> str:
    """A long name cut in the middle: what stands at its end, a number or a verdict, must stay."""
    end = name.rpartition(" (n = ")[1:] if " (n = " in name else name.rpartition(": ")[1:]
    tail = "".join(end) if len("".join(end)) < letters / 2 else ""
    return name[: letters - len(tail) - 1].rstrip() + "…" + tail
