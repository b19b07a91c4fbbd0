"""A loaded unit as SVG: from the door corner above, from the side and from above, with the kinds and how full it is.

Words are Chinese and English. Colours repeat after twelve kinds; every box carries its number in the list of kinds.
"""

from collections import Counter
from html import escape

from routing.loading.model import Box, Loaded, Placed, Unit, used_permille

COLOURS = (
    *("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#eeca3b"),
    *("#b279a2", "#ff9da6", "#9d755d", "#bab0ac", "#1f9e89", "#8a6fdf"),
)
WORDS = {
    "en": ("far wall", "door", "from the side", "from above", "full", "kg", "boxes"),
    "zh": ("前壁", "箱门", "侧视图", "俯视图", "装载率", "公斤", "件"),
}
WIDTH, MARGIN = 960, 30
COS_PERMILLE, SIN_PERMILLE = 866, 500
"""An isometric view: axes thirty degrees from the level."""

Points = list[tuple[float, float]]


def picture(unit: Unit, loaded: Loaded, boxes: dict[str, Box], language: str = "en") -> str:
    """Return the SVG of a unit, in `en` or `zh`."""
    kinds = sorted({one.box for one in loaded.boxes})
    numbers = {kind: number for number, kind in enumerate(kinds)}
    parts: list[str] = []
    scale = (WIDTH - 2 * MARGIN) / ((unit.x_mm + unit.y_mm) * COS_PERMILLE / 1_000)
    y = MARGIN + 40.0
    height = (unit.x_mm + unit.y_mm) * SIN_PERMILLE / 1_000 * scale + unit.z_mm * scale
    parts += _solid(unit, loaded, numbers, (scale, MARGIN, y))
    y += height + MARGIN
    flat = (WIDTH - 2 * MARGIN) / unit.x_mm
    words = WORDS[language]
    for name, deep, seen in ((words[2], unit.z_mm, "side"), (words[3], unit.y_mm, "top")):
        parts.append(_text(MARGIN, y, name))
        parts += _plane(unit, loaded, numbers, (flat, MARGIN, y + 8), seen)
        parts.append(_text(MARGIN, y + deep * flat + 24, words[0]))
        parts.append(_text(WIDTH - MARGIN, y + deep * flat + 24, words[1], anchor="end"))
        y += deep * flat + 56
    many = Counter(one.box for one in loaded.boxes)
    for at, kind in enumerate(kinds):
        left, top = MARGIN + at % 4 * 230, y + at // 4 * 22
        parts.append(f'<rect x="{left}" y="{top - 12:.0f}" width="14" height="14" fill="{_colour(numbers[kind])}"/>')
        parts.append(_text(left + 20, top, f"{numbers[kind] + 1}  {kind}  x {many[kind]}"))
    bottom = y + (len(kinds) + 3) // 4 * 22 + 8
    full, mass = used_permille(unit, loaded), sum(boxes[one.box].mass_g for one in loaded.boxes)
    weighs = f"{len(loaded.boxes)} {words[6]}, {mass / 1000:,.0f} {words[5]}"
    title = f"{unit.id} #{loaded.number}: {words[4]} {full / 10:.1f} %, {weighs}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom:.0f}" lang="{language}" role="img">'
    style = '<style>text{font:14px "Noto Sans CJK SC",sans-serif;fill:#222}</style>'
    paper = f'<rect width="{WIDTH}" height="{bottom:.0f}" fill="#fff"/>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", style, paper, _text(MARGIN, 34, title), *parts, "</svg>", ""]
    )


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _shape(points: Points, fill: str, shade: float = 1.0) -> str:
    rounded = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{rounded}" fill="{fill}" fill-opacity="{shade}" stroke="#222" stroke-width="0.7"/>'


def _plane(
    unit: Unit, loaded: Loaded, numbers: dict[str, int], view: tuple[float, float, float], seen: str
) -> list[str]:
    """Return the boxes as rectangles: those in front, or on top, last."""
    scale, left, top = view
    parts = []
    side = seen == "side"
    for one in sorted(loaded.boxes, key=lambda one: one.y_mm if side else one.z_mm + one.up_mm):
        deep, size = (unit.z_mm - one.z_mm - one.up_mm, one.up_mm) if side else (one.y_mm, one.across_mm)
        x, y = left + one.x_mm * scale, top + deep * scale
        x_end, y_end = x + one.along_mm * scale, y + size * scale
        parts.append(_shape([(x, y), (x_end, y), (x_end, y_end), (x, y_end)], _colour(numbers[one.box])))
        if min(x_end - x, y_end - y) > 14:
            parts.append(_text((x + x_end) / 2, (y + y_end) / 2 + 5, str(numbers[one.box] + 1), anchor="middle"))
    frame = (unit.z_mm if side else unit.y_mm) * scale
    parts.append(
        f'<rect x="{left}" y="{top:.1f}" width="{unit.x_mm * scale:.1f}" height="{frame:.1f}" '
        'fill="none" stroke="#222" stroke-width="2"/>'
    )
    return parts


def _solid(unit: Unit, loaded: Loaded, numbers: dict[str, int], view: tuple[float, float, float]) -> list[str]:
    """Return the three faces that are seen of each box: door end, right side and top, far ones first."""
    scale, left, top = view

    def at(x: int, y: int, z: int) -> tuple[float, float]:
        across = (x + unit.y_mm - y) * COS_PERMILLE / 1_000 * scale
        down = (x + y) * SIN_PERMILLE / 1_000 * scale + (unit.z_mm - z) * scale
        return left + across, top + down

    parts = [
        _shape([at(0, 0, 0), at(unit.x_mm, 0, 0), at(unit.x_mm, unit.y_mm, 0), at(0, unit.y_mm, 0)], "#eee"),
        _shape([at(0, 0, 0), at(unit.x_mm, 0, 0), at(unit.x_mm, 0, unit.z_mm), at(0, 0, unit.z_mm)], "#eee", 0.4),
        _shape([at(0, 0, 0), at(0, unit.y_mm, 0), at(0, unit.y_mm, unit.z_mm), at(0, 0, unit.z_mm)], "#eee", 0.4),
    ]
    for one in _far_first(loaded.boxes):
        x, y, z = one.x_mm, one.y_mm, one.z_mm
        x_end, y_end, z_end = x + one.along_mm, y + one.across_mm, z + one.up_mm
        fill = _colour(numbers[one.box])
        faces = (
            [at(x_end, y, z), at(x_end, y_end, z), at(x_end, y_end, z_end), at(x_end, y, z_end)],
            [at(x, y_end, z), at(x_end, y_end, z), at(x_end, y_end, z_end), at(x, y_end, z_end)],
            [at(x, y, z_end), at(x_end, y, z_end), at(x_end, y_end, z_end), at(x, y_end, z_end)],
        )
        for face, shade in zip(faces, ("#0004", "#0002", "#0000"), strict=True):
            parts += [_shape(face, fill), _shape(face, shade)]
    return parts


def _far_first(placed: tuple[Placed, ...]) -> list[Placed]:
    """Order boxes so that none hides one that is before it: one is behind another if it ends where the other begins."""
    rest, ordered = list(placed), []
    behind = {id(one): [other for other in rest if other is not one and _is_behind(other, one)] for one in rest}
    drawn: set[int] = set()
    while rest:
        free = [one for one in rest if all(id(other) in drawn for other in behind[id(one)])] or rest[:1]
        ordered += free
        drawn |= {id(one) for one in free}
        rest = [one for one in rest if id(one) not in drawn]
    return ordered


def _is_behind(one: Placed, other: Placed) -> bool:
    """Return whether a box is drawn before another: it ends before the other on some axis, and not conversely."""
    ends = (one.x_mm + one.along_mm, one.y_mm + one.across_mm, one.z_mm + one.up_mm)
    begins = (other.x_mm, other.y_mm, other.z_mm)
    other_ends = (other.x_mm + other.along_mm, other.y_mm + other.across_mm, other.z_mm + other.up_mm)
    own = (one.x_mm, one.y_mm, one.z_mm)
    before = any(end <= begin for end, begin in zip(ends, begins, strict=True))
    after = any(end <= begin for end, begin in zip(other_ends, own, strict=True))
    return before and not after
