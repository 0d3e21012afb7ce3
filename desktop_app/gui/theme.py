"""Applies the design tokens to Qt: Fusion, our palette, one style sheet; light, dark or high contrast."""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication

from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource
from desktop_app.gui.restyling import Restyler
from desktop_app.gui.tokens import Colours, Tokens, load_tokens

FONT_FILES = (
    "Inter-Regular.ttf",
    "Inter-Medium.ttf",
    "Inter-SemiBold.ttf",
    "NewsreaderDisplay-Medium.ttf",
    "JetBrainsMono-Regular.ttf",
)


SYSTEM = "system"
SCHEMES = ("light", "dark", "contrast")


class Theme(QObject):
    """The look of one application. `mode` is "system" or one of SCHEMES; `changed` fires after a switch."""

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self.tokens: Tokens = load_tokens()
        self.mode = mode
        self._shown: str | None = None
        self._restyler = Restyler(app)
        if not app.styleSheet():  # the first window of this process
            for name in FONT_FILES:
                if QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}"))) < 0:
                    raise BugError(f"the bundled font {name} does not load")
            app.setStyle("Fusion")
        app.setFont(self.font())
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._contrast = getattr(app.styleHints(), "accessibility", lambda: None)()
        if self._contrast is not None:
            self._contrast.contrastPreferenceChanged.connect(self._system_changed)
        self._apply()

    @property
    def scheme(self) -> str:
        """The one that is shown: light, dark or contrast."""
        if self.mode != SYSTEM:
            return self.mode
        hints = self._app.styleHints()
        if _wants_contrast(hints):
            return "contrast"
        return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"

    @property
    def is_dark(self) -> bool:
        return self.scheme != "light"

    @property
    def colours(self) -> Colours:
        found: Colours = getattr(self.tokens, self.scheme)
        return found

    def values(self) -> dict[str, object]:
        """Every token by its name, in the colours that are shown."""
        return token_values(self.tokens, self.colours)

    def colour(self, name: str) -> QColor:
        """A token as a colour, e.g. "ink_muted"."""
        return QColor(getattr(self.colours, name))

    def font(self, size: str = "body", weight: int = 400, family: str = "ui") -> QFont:
        """A font of the design; `size` is one of the type tokens, `family` one of ui, display, mono."""
        font = QFont(str(getattr(self.tokens.type, family)))
        font.setPixelSize(int(getattr(self.tokens.type, size)))
        font.setWeight(QFont.Weight(weight))
        return font

    def set_mode(self, mode: str) -> None:
        """Switch to "system" or one of SCHEMES now."""
        self.mode = mode
        self._apply()

    def close(self) -> None:
        """Follow the system no more."""
        self._app.styleHints().colorSchemeChanged.disconnect(self._system_changed)
        if self._contrast is not None:
            self._contrast.contrastPreferenceChanged.disconnect(self._system_changed)
        self.deleteLater()

    def _system_changed(self) -> None:
        if self.mode == SYSTEM:
            self._apply()

    def _apply(self) -> None:
        wanted = self.scheme
        if wanted == self._shown:
            return
        self._shown = wanted
        self._app.setPalette(palette(self.colours))
        self._restyler.exchange(stylesheet(self.tokens, self.colours))
        self.changed.emit()

    def finish(self) -> None:
        """Wait for nothing: all that is still to be shown in the new colours is, when this returns."""
        self._restyler.finish()


def _wants_contrast(hints: QStyleHints) -> bool:
    """Whether the system asks for high contrast; Qt before 6.10 cannot say."""
    ask = getattr(hints, "accessibility", None)
    return ask is not None and ask().contrastPreference() == Qt.ContrastPreference.HighContrast


def token_values(tokens: Tokens, colours: Colours) -> dict[str, object]:
    """Every token by its name, to be filled into a style sheet."""
    return {**asdict(tokens.type), **asdict(tokens.radius), **asdict(colours)}


def stylesheet(tokens: Tokens, colours: Colours) -> str:
    """The style sheet with every token filled in; raises KeyError for an unknown token."""
    text = resource("themes/colophon.qss").read_text(encoding="utf-8")
    values = token_values(tokens, colours)
    values["button_height"] = tokens.size.control_height - 2
    values["focused_height"] = tokens.size.control_height - 4  # its border is thicker
    values["input_height"] = tokens.size.control_height
    values["focused_input_height"] = tokens.size.control_height - 2
    values["arrow_room"] = tokens.size.icon_small + tokens.space.tight
    values["nav_height"] = tokens.size.nav_height
    values["nav_checked_height"] = tokens.size.nav_height + 2
    values["chip_height"] = tokens.size.chip_height
    values["link_height"] = tokens.size.chip_height + 2
    return Template(text).substitute(values)


def palette(colours: Colours) -> QPalette:
    """Fusion's palette from our colours, disabled state included."""
    result = QPalette()
    role = QPalette.ColorRole
    plain = {
        role.Window: colours.window,
        role.WindowText: colours.ink,
        role.Base: colours.surface,
        role.AlternateBase: colours.sunken,
        role.Text: colours.ink,
        role.PlaceholderText: colours.ink_muted,
        role.Button: colours.surface,
        role.ButtonText: colours.ink,
        role.BrightText: colours.danger,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.ink,
        role.ToolTipText: colours.window,
        role.Light: colours.surface,
        role.Midlight: colours.hover,
        role.Mid: colours.line,
        role.Dark: colours.line_strong,
        role.Shadow: colours.line,
    }
    for name, value in plain.items():
        result.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(colours.ink_disabled))
    return result
