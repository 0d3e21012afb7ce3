"""Design tokens (colour, type, space, radius, motion), read from resources/themes/tokens.toml and checked."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any

from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource

_text_size = 100


@dataclass(frozen=True)
class Colours:
    """One colour scheme, each value as #RRGGBB."""

    window: str
    sidebar: str
    surface: str
    sunken: str
    hover: str
    line: str
    line_strong: str
    ink: str
    ink_muted: str
    ink_disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    accent_ink: str
    success: str
    success_soft: str
    warn: str
    warn_soft: str
    danger: str
    danger_hover: str
    danger_soft: str
    on_danger: str
    practice: str
    practice_soft: str
    on_practice: str
    focus: str
    rubric: str


@dataclass(frozen=True)
class Type:
    """Font families, and sizes in pixels at 100 %."""

    ui: str
    display: str
    mono: str
    caption: int
    small: int
    body: int
    lead: int
    section: int
    item: int
    heading: int
    figure: int
    title: int


@dataclass(frozen=True)
class Space:
    """Distances in pixels."""

    line: int
    hair: int
    snug: int
    tight: int
    small: int
    medium: int
    inset: int
    large: int
    side: int
    gutter: int
    huge: int


@dataclass(frozen=True)
class Radius:
    control: int
    card: int
    chip: int


@dataclass(frozen=True)
class Size:
    """Lengths in pixels at 100 %, which grow with the size of the text."""

    icon_small: int
    icon: int
    icon_large: int
    icon_huge: int
    mark: int
    control_height: int
    nav_height: int
    chip_height: int
    band_height: int
    table_row: int
    payout_row: int
    work_row: int
    few_lines: int
    some_lines: int
    short_list: int
    list: int
    chart: int
    chart_tall: int
    name_short: int
    name: int
    name_long: int
    choice: int
    contents: int
    sidebar: int
    rail: int
    dialog_small: int
    dialog: int
    dialog_wide: int
    dialog_widest: int
    content: int


@dataclass(frozen=True)
class Motion:
    """Durations in milliseconds."""

    typing: int
    asking: int
    glance: int
    reading: int
    acting: int


@dataclass(frozen=True)
class Tokens:
    light: Colours
    dark: Colours
    contrast: Colours
    type: Type
    space: Space
    radius: Radius
    size: Size
    motion: Motion


def _section(cls: Any, values: dict[str, object], name: str) -> Any:
    wanted = {field.name for field in fields(cls)}
    if wanted != set(values):
        raise BugError(f"tokens.toml, [{name}]: {sorted(wanted ^ set(values))}")
    return cls(**values)


def _scaled(values: Any, percent: int) -> Any:
    """The same with every number (not the names of fonts) grown to the size of the text."""
    known = asdict(values).items()
    numbers = {name: value for name, value in known if isinstance(value, int)}
    return replace(values, **{name: (value * percent + 50) // 100 for name, value in numbers.items()})


def use_text_size(percent: int) -> None:
    """Everything that is built from now on has text of this size, 100 being the design's own."""
    global _text_size  # noqa: PLW0603  # one window, one size
    _text_size = percent


def pixels(length: int) -> int:
    """A length in pixels at 100 % that has to grow with the text in it."""
    return (length * _text_size + 50) // 100


def load_tokens() -> Tokens:
    """The tokens for the size of text in use; raises BugError for a file with other names."""
    return _load(_text_size)


def sizes() -> Size:
    """The lengths for the size of text in use."""
    return load_tokens().size


@cache
def _load(percent: int) -> Tokens:
    with resource("themes/tokens.toml").open("rb") as file:
        raw = tomllib.load(file)
    return Tokens(
        light=_section(Colours, raw["light"], "light"),
        dark=_section(Colours, raw["dark"], "dark"),
        contrast=_section(Colours, raw["contrast"], "contrast"),
        type=_scaled(_section(Type, raw["type"], "type"), percent),
        space=_section(Space, raw["space"], "space"),
        radius=_section(Radius, raw["radius"], "radius"),
        size=_scaled(_section(Size, raw["size"], "size"), percent),
        motion=_section(Motion, raw["motion"], "motion"),
    )


def _luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
