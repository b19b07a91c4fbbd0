"""The colours of the page, computed from its tokens.

Source of the formula: WCAG 2.2, relative luminance and contrast ratio.
"""

import re

import pytest

from dashboards import web_root

CSS = (web_root() / "static" / "tokens.css").read_text(encoding="utf-8")
THEMES = {
    theme: dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))
    for theme, block in re.findall(r"\[data-theme=\"(\w+)\"\] \{(.*?)\n\}", CSS, re.DOTALL)
}

TEXT = [
    ("text", "panel"),
    ("text", "bg"),
    ("text", "tile"),
    ("normal", "tile"),
    ("muted", "tile"),
    ("muted", "panel"),
    ("p1-on", "p1"),
    ("p2-on", "p2"),
    ("p3-on", "p3"),
    ("p1-ink", "tile"),
    ("p2-ink", "tile"),
    ("p3-ink", "tile"),
    ("bad", "tile"),
    ("bad-on", "bad"),
    ("release-on", "release"),
    ("release-ink", "tile"),
    ("hold-on", "hold"),
    ("button-text", "button"),
]
SHAPES = [("focus", "panel"), ("focus", "tile"), ("line-strong", "tile"), ("line-strong", "band"), ("muted", "band")]
SHAPES += [("line-strong", "track-inside"), ("hold-on", "hold-track"), ("hold-band", "hold-track"), ("p1", "panel")]


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme, ink, ground):
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("ink", "ground"), SHAPES)
def test_lines_and_marks_have_a_contrast_of_at_least_three(theme, ink, ground):
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 3.0


def test_both_themes_name_the_same_colours():
    assert set(THEMES["dark"]) ^ set(THEMES["light"]) <= {"edge"}


def test_no_colour_is_written_outside_the_tokens():
    css = "".join(
        (web_root() / "static" / name).read_text(encoding="utf-8") for name in ("page.css", "modes.css", "lanes.css")
    )
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", css) == []


PASSPORT = (web_root() / "passport" / "passport.css").read_text(encoding="utf-8")
PAPER = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", PASSPORT))
ON_PAPER = [
    *((ink, "sheet") for ink in ("ink", "quiet", "accent", "link", "good-ink", "danger-ink")),
    *((ink, "ground") for ink in ("quiet", "accent", "link")),
    *(("ink", ground) for ground in ("doubt-ground", "danger-ground")),
    ("doubt-ink", "doubt-ground"),
    ("danger-ink", "danger-ground"),
]


@pytest.mark.parametrize(("ink", "ground"), ON_PAPER)
def test_text_of_a_passport_has_a_contrast_of_at_least_four_and_a_half(ink, ground):
    assert contrast(PAPER[ink], PAPER[ground]) >= 4.5


@pytest.mark.parametrize("ground", ["sheet", "good-ground", "gap"])
def test_the_curve_of_a_passport_has_a_contrast_of_at_least_three(ground):
    assert contrast(PAPER["curve"], PAPER[ground]) >= 3.0


def test_a_passport_has_each_colour_once():
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", PASSPORT) == list(PAPER.values())
