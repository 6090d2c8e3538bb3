"""Pages for managers in the dark: every colour of a chart has one that is seen on a dark page."""

import re
from pathlib import Path

import pytest

import analytics.charts
from app.pages.managers.assets import FOLDER

STYLE = (FOLDER / "manage.css").read_text(encoding="utf-8")
LIGHT, _, REST = STYLE.partition("@media screen and (prefers-color-scheme: dark)")
DARK = REST.partition("\n}\n")[0]
DRAWN = {
    colour
    for file in Path(analytics.charts.__path__[0]).glob("*.py")
    for colour in re.findall(r"#[0-9a-f]{6}", file.read_text())
}
GROUNDS = {"#ffffff", "#d5dcda"}  # what lies behind, and the lines of the grid


def named(style: str, name: str) -> str:
    """The colour of a name in a part of the style sheet, as six digits."""
    (digits,) = re.findall(rf"--{name}: #([0-9a-f]{{3,6}});", style)
    return digits if len(digits) == 6 else "".join(2 * digit for digit in digits)


def contrast(one: str, other: str) -> float:
    """How far two colours are apart (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(digits: str) -> float:
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", sorted(DRAWN))
def test_a_colour_of_a_chart_is_seen_on_a_dark_page_with_scripts_and_without(colour: str) -> None:
    dark = named(DARK, f"c-{colour[1:]}")
    if colour not in GROUNDS:
        assert contrast(dark, named(DARK, "sheet")) >= 3
        assert f'[fill="{colour}"]' in DARK
    if colour != "#ffffff":
        assert f'[stroke="{colour}"] {{ stroke: var(--c-{colour[1:]}); }}' in DARK


@pytest.mark.parametrize("name", ["ink", "grey", "deep", "wrong", "up", "down"])
@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_read_on_every_ground(style: str, name: str) -> None:
    for ground in ("sheet", "ground"):
        assert contrast(named(style, name), named(style, ground)) >= 4.5


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_and_edges_are_seen(style: str) -> None:
    assert contrast(named(style, "deep"), named(style, "on-deep")) >= 4.5
    assert contrast("ffffff", named(style, "bar")) >= 4.5
    assert contrast(named(style, "edge"), named(style, "sheet")) >= 3
    assert contrast(named(style, "ring"), named(style, "ground")) >= 3
