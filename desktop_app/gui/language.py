"""Qt speaks the language of the app: its own texts, its dates and numbers, and the direction of reading."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from desktop_app.core import localised, translations
from desktop_app.services.language import speak_as_set

_TRANSLATOR = "colophon-qt-texts"


def speak(app: QApplication, settings_file: Path) -> None:
    """Use the language of the settings file for everything that is built from now on."""
    # Elsewhere the environment says it, as on the command line.
    asks_qt = sys.platform in ("win32", "darwin")
    speak_as_set(settings_file, tuple(QLocale.system().uiLanguages()) if asks_qt else ())
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
