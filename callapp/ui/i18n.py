"""The language of the window: English in the sources, translations as compiled Qt files.

After changing a text, update and compile the Korean file (both files are committed, so a checkout needs no build):

    pyside6-lupdate callapp/ui/*.py -locations none -no-obsolete -ts resources/i18n/callapp_ko.ts
    (translate what is marked unfinished)
    pyside6-lrelease resources/i18n/callapp_ko.ts
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from callapp.resources import resource_path

_log = logging.getLogger(__name__)

LANGUAGES = {"en": "English", "ko": "한국어"}


def resolve(setting: str) -> str:
    """The language to use for a setting: the system's if it is `system` and we speak it, else English."""
    if setting in LANGUAGES:
        return setting
    for name in QLocale.system().uiLanguages():
        language = name.replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


class Language:
    """Installs the translators of one language at a time; Qt then sends LanguageChange to every widget."""

    def __init__(self) -> None:
        self.current = "en"
        self._installed: list[QTranslator] = []

    def use(self, setting: str) -> None:
        """Switch to the language of `setting` (`system`, `en`, `ko`)."""
        language = resolve(setting)
        if language == self.current:
            return
        self.remove()
        self.current = language
        if language == "en":
            return
        for name, folder in (
            (f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
            (f"callapp_{language}", str(resource_path("i18n"))),
        ):
            translator = QTranslator()
            if translator.load(name, folder):
                QCoreApplication.installTranslator(translator)
                self._installed.append(translator)
            else:
                _log.warning("no translation %s in %s", name, folder)

    def remove(self) -> None:
        """Back to English."""
        while self._installed:
            QCoreApplication.removeTranslator(self._installed.pop())
        self.current = "en"
