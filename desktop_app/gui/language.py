"""Qt speaks the language of the app: its own texts, its dates and numbers, and the direction of reading."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from desktop_app.core import localised, translations
from desktop_app.services.language import speak_as_set

_log = logging.getLogger(__name__)
_TRANSLATOR = "colophon-qt-texts"
_SCRIPTS = {"zh": QFontDatabase.WritingSystem.SimplifiedChinese}
"""Languages whose letters the bundled fonts do not have: a font of the system has to."""
_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei",
)  # fmt: skip
_BUNDLED = ("Inter", "Newsreader Display", "JetBrains Mono")


def can_be_shown(tag: str) -> bool:
    """Whether some font here has the letters of the language."""
    script = _SCRIPTS.get(tag)
    return script is None or script in QFontDatabase.writingSystems()


def plain_name(tag: str) -> str:
    """The English name of a language, for where its own cannot be shown."""
    return QLocale.languageToString(QLocale(tag).language())


def speak(app: QApplication, settings_file: Path) -> None:
    """Use the language of the settings file for everything that is built from now on."""
    # Elsewhere the environment says it, as on the command line.
    asks_qt = sys.platform in ("win32", "darwin")
    spoken = speak_as_set(settings_file, tuple(QLocale.system().uiLanguages()) if asks_qt else ())
    if not can_be_shown(spoken):
        # English words can be read; empty boxes cannot. Settings says which font is missing.
        _log.warning("no font here has the letters of %s", spoken)
        translations.use(translations.ENGLISH)
        localised.use(translations.ENGLISH, translations.usual_formats())
    if spoken in _SCRIPTS:
        for family in _BUNDLED:
            QFont.insertSubstitutions(family, list(_CHINESE))
    locale = QLocale(localised.formats())
    QLocale.setDefault(locale)
    mirrored = translations.reads_right_to_left()
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
    old = app.findChild(QTranslator, _TRANSLATOR)
    if old is not None:
        app.removeTranslator(old)
        old.deleteLater()
    texts = QTranslator(app)
    texts.setObjectName(_TRANSLATOR)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if texts.load(QLocale(translations.language()), "qtbase", "_", folder):
        app.installTranslator(texts)
