"""The design system holds what it promises: contrast, one source of tokens, both themes at run time."""

from __future__ import annotations

import ast
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QPalette, QRawFont
from PySide6.QtWidgets import QApplication

from desktop_app.core import translations
from desktop_app.core.paths import resource
from desktop_app.gui import language
from desktop_app.gui.icons import app_icon, icon_pixmap
from desktop_app.gui.theme import FONT_FILES, Theme, palette, stylesheet
from desktop_app.gui.tokens import Colours, contrast, load_tokens, pixels, use_text_size

SURFACES = (
    "window", "sidebar", "surface", "sunken", "hover",
    "accent_soft", "warn_soft", "danger_soft", "success_soft", "practice_soft",
)  # fmt: skip
TEXT_PAIRS = {
    "ink": SURFACES,
    "ink_muted": SURFACES,
    "accent": ("window", "surface", "sunken", "sidebar", "hover"),
    "accent_ink": ("accent_soft",),
    "on_accent": ("accent", "accent_hover", "accent_pressed"),
    "success": ("success_soft", "surface"),
    "warn": ("warn_soft", "surface"),
    "danger": ("danger_soft", "surface", "window"),
    "on_danger": ("danger", "danger_hover"),
    "practice": ("practice_soft", "surface", "window"),
    "on_practice": ("practice",),
    "window": ("ink",),
}  # fmt: skip
OUTLINE_PAIRS = {"line_strong": ("surface", "sunken", "window"), "focus": ("window", "surface", "sidebar")}
NAMES = ["light", "dark", "contrast"]
SCHEMES = [load_tokens().light, load_tokens().dark, load_tokens().contrast]
RULE = re.compile(r"([^{}]+)\{((?:\$\{\w+\}|[^{}])*)\}")


@pytest.mark.parametrize("scheme", SCHEMES, ids=NAMES)
def test_every_text_colour_is_readable_on_every_surface_it_is_used_on(scheme: Colours) -> None:
    text = 7.0 if scheme is load_tokens().contrast else 4.5  # WCAG AAA and AA
    for pairs, least in ((TEXT_PAIRS, text), (OUTLINE_PAIRS, 3.0)):
        for front, surfaces in pairs.items():
            for back in surfaces:
                ratio = contrast(getattr(scheme, front), getattr(scheme, back))
                assert ratio >= least, f"{front} on {back}: {ratio:.2f}"


@pytest.mark.parametrize("scheme", SCHEMES, ids=NAMES)
def test_every_rule_of_the_style_sheet_that_names_text_and_background_is_readable(scheme: Colours) -> None:
    source = resource("themes/colophon.qss").read_text(encoding="utf-8")
    looked_at = 0
    for selector, body in RULE.findall(source):
        named = r"(?:^|[\s;])(color|background|selection-color|selection-background-color): \$(\w+)"
        colours = dict(re.findall(named, body))
        for front, back in (("color", "background"), ("selection-color", "selection-background-color")):
            if front in colours and back in colours and ":disabled" not in selector:
                ratio = contrast(getattr(scheme, colours[front]), getattr(scheme, colours[back]))
                assert ratio >= 4.5, f"{selector.strip()}: {colours[front]} on {colours[back]}: {ratio:.2f}"
                looked_at += 1
    assert looked_at >= 15


def test_everything_that_takes_the_keyboard_shows_that_it_has_it() -> None:
    source = resource("themes/colophon.qss").read_text(encoding="utf-8")
    focused = "".join(selector for selector, body in RULE.findall(source) if "border: 2px solid" in body)
    controls = ("QPushButton", "QToolButton", "QLineEdit", "QPlainTextEdit", "QComboBox", "QListView")
    for control in (*controls, "QTableView"):
        assert f"{control}:focus" in focused, control


def test_the_text_grows_with_the_setting_and_what_holds_it_too() -> None:
    usual = load_tokens()
    try:
        use_text_size(150)
        large = load_tokens()
        assert (large.type.body, large.type.title) == (21, 48)
        assert large.size.control_height == usual.size.control_height * 3 // 2
        assert large.size.content == usual.size.content * 3 // 2
        assert pixels(10) == 15
        assert f"font-size: {large.type.body}px" in stylesheet(large, large.light)
    finally:
        use_text_size(100)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("scheme", SCHEMES, ids=NAMES)
def test_the_style_sheet_fills_in_every_token_and_names_no_colour_itself(scheme: Colours) -> None:
    source = resource("themes/colophon.qss").read_text(encoding="utf-8")
    assert re.search(r"#[0-9A-Fa-f]{3,8}\b", source) is None
    assert "$" not in stylesheet(load_tokens(), scheme)


def test_a_colour_is_named_nowhere_but_in_the_tokens() -> None:
    package = resource("..").resolve() / "desktop_app" / "gui"
    for path in package.rglob("*.py"):
        found = re.findall(r'"#[0-9A-Fa-f]{6}"', path.read_text(encoding="utf-8"))
        assert found in ([], ['"#000000"']), f"{path.name}: {found}"


MEASURES = {
    "setSpacing", "setHorizontalSpacing", "setVerticalSpacing", "addSpacing", "setContentsMargins",
    "setFixedSize", "setFixedWidth", "setFixedHeight", "setMinimumSize", "setMinimumWidth",
    "setMinimumHeight", "setMaximumWidth", "setMaximumHeight", "setIconSize", "setIndentation", "setInterval",
    "QSize", "Glyph", "scroll_content", "widen",
}  # fmt: skip
"""Calls that take lengths in pixels, or durations."""
MEASURED = {"gap", "margin", "width", "name_width", "size"}


def own_measures(source: str) -> list[str]:
    """Calls that say a length or a duration as a plain number; 0 and 1 (nothing, a hairline) are none."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = [keyword.value for keyword in node.keywords if keyword.arg in MEASURED]
        given = [*node.args, *named] if name in MEASURES else named
        if any(isinstance(one, ast.Constant) and type(one.value) is int and one.value > 1 for one in given):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_pages_and_dialogs_take_every_length_and_duration_from_the_tokens() -> None:
    assert own_measures("line.setSpacing(3)") and own_measures("row(gap=12)")
    assert not own_measures("line.setSpacing(SPACE.tight)\nfield.setMaxLength(40)")
    gui = resource("..").resolve() / "desktop_app" / "gui"
    for path in [*(gui / "pages").glob("*.py"), *(gui / "dialogs").glob("*.py")]:
        assert own_measures(path.read_text(encoding="utf-8")) == [], path.name


def test_the_schemes_differ_in_colours_alone_so_that_what_fits_in_one_fits_in_all() -> None:
    tokens = load_tokens()
    sheets = {re.sub(r"#[0-9A-Fa-f]{6}", "#", stylesheet(tokens, scheme)) for scheme in SCHEMES}
    assert len(sheets) == 1


def test_every_bundled_font_has_its_licence_and_loads(qapp: QApplication) -> None:
    theme = Theme(qapp, "light")
    folder = resource("fonts")
    for name in FONT_FILES:
        family = name.split("-")[0].removesuffix("Display")
        licence = (folder / f"{family}-OFL.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License" in licence or "SIL OPEN FONT LICENSE" in licence
    for family in ("ui", "display", "mono"):
        font = theme.font(family=family)
        assert QFontInfo(font).family() == font.family()
    theme.close()


def test_the_theme_switches_at_run_time_and_follows_the_system_until_told(qapp: QApplication) -> None:
    theme = Theme(qapp, "light")
    changes: list[str] = []
    theme.changed.connect(lambda: changes.append(theme.colours.window))
    theme.set_mode("dark")
    window = QPalette.ColorRole.Window
    assert qapp.palette().color(window).name().upper() == theme.tokens.dark.window
    theme.set_mode("light")
    assert qapp.palette().color(window).name().upper() == theme.tokens.light.window
    assert changes == [theme.tokens.dark.window, theme.tokens.light.window]
    theme.set_mode("contrast")
    assert qapp.palette().color(window).name().upper() == theme.tokens.contrast.window
    theme.set_mode("system")
    assert theme.colours is getattr(theme.tokens, theme.scheme)
    theme.close()


def test_every_palette_role_comes_from_the_tokens() -> None:
    colours = load_tokens().dark
    known = {value.upper() for value in asdict(colours).values()}
    made = palette(colours)
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Text, QPalette.ColorRole.Highlight):
        assert made.color(role).name().upper() in known


def test_every_icon_is_a_line_icon_of_one_stroke(qapp: QApplication) -> None:
    for path in sorted(resource("icons").glob("*.svg")):
        source = path.read_text(encoding="utf-8")
        if path.stem not in ("mark", "mark-dark"):
            assert 'viewBox="0 0 24 24"' in source
            assert 'stroke-width="1.7"' in source
        picture = icon_pixmap(path.stem, 24, qapp.palette().color(QPalette.ColorRole.Text), 2).toImage()
        assert any(
            picture.pixelColor(x, y).alpha() for x in range(picture.width()) for y in range(picture.height())
        ), f"{path.name} paints nothing"
    assert not app_icon().isNull()


def test_a_language_without_a_font_is_not_shown_as_empty_boxes(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "speak_as_set", lambda *_settings: "zh")
    monkeypatch.setattr(language, "can_be_shown", lambda tag: tag != "zh")
    language.speak(qapp, tmp_path / "settings.toml")
    assert translations.language() == "en"
    assert language.plain_name("zh") == "Chinese"
    assert all(language.can_be_shown(tag) for tag in ("de", "es", "en"))


def test_the_bundled_fonts_have_the_letters_of_german_and_spanish(qapp: QApplication) -> None:
    theme = Theme(qapp, "light")
    for family in ("ui", "display", "mono"):
        face = QRawFont.fromFont(theme.font(family=family))
        for letter in "ÄÖÜäöüßÑñÁÉÍÓÚáéíóúÜü¿¡«»„“”‚‘’–—…€·":
            assert face.supportsCharacter(ord(letter)), f"{family}: {letter}"
    theme.close()
