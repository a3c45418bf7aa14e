"""Colours and the style sheet: light and dark, following the system or the setting, switched live."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

TEXT_PX = 13
BUTTON_PX = 15
STATE_PX = 20
RADIUS_PX = 12


@dataclass(frozen=True)
class Colors:
    """One palette. Every `on_*` and `*_text` colour reaches 4.5:1 on the surfaces it is used on (tested)."""

    surface: str
    card: str
    text: str
    secondary: str
    line: str
    hover: str
    disabled: str  # fill of a disabled button; its text is `secondary`
    accent_text: str  # accent-coloured words and thin icons on surface and card
    danger_text: str
    warning: str
    warning_text: str
    stage: str = "#0E1116"
    accent: str = "#2F6FEB"
    on_accent: str = "#FFFFFF"
    call: str = "#1F9D61"
    on_call: str = "#04140B"
    hang_up: str = "#D93843"
    on_hang_up: str = "#FFFFFF"


LIGHT = Colors(
    surface="#F7F8FA",
    card="#FFFFFF",
    text="#14181F",
    secondary="#5B6472",
    line="#DDE1E7",
    hover="#ECEFF3",
    disabled="#ECEFF3",
    accent_text="#1F5BD0",
    danger_text="#B9232E",
    warning="#B7791F",
    warning_text="#855508",
)
DARK = Colors(
    surface="#1B1F26",
    card="#242A33",
    text="#E9ECF1",
    secondary="#9AA4B2",
    line="#343C48",
    hover="#2E3540",
    disabled="#2A313B",
    accent_text="#8AB4FF",
    danger_text="#FF8A92",
    warning="#E0A100",
    warning_text="#E0A100",
)
OVER = Colors(  # on bars that lie translucent over a picture, in both themes
    surface="#0E1116",
    card="#1B1F26",
    text="#F4F6F9",
    secondary="#B8C0CC",
    line="#4A5361",
    hover="#39414D",
    disabled="#262C35",
    accent_text="#8AB4FF",
    danger_text="#FF8A92",
    warning="#E0A100",
    warning_text="#E0A100",
)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2, "relative luminance")."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1..21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def tabular(font: QFont) -> QFont:
    """The font with figures of equal width, so that a running timer does not jitter."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def _palette(colors: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for key, color in (
        (role.Window, colors.surface),
        (role.WindowText, colors.text),
        (role.Base, colors.card),
        (role.AlternateBase, colors.surface),
        (role.Text, colors.text),
        (role.Button, colors.card),
        (role.ButtonText, colors.text),
        (role.BrightText, colors.text),
        (role.ToolTipBase, colors.card),
        (role.ToolTipText, colors.text),
        (role.PlaceholderText, colors.secondary),
        (role.Highlight, colors.accent),
        (role.HighlightedText, colors.on_accent),
        (role.Link, colors.accent_text),
        (role.Light, colors.line),
        (role.Mid, colors.line),
        (role.Dark, colors.line),
    ):
        palette.setColor(key, QColor(color))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(colors.secondary))
    return palette


def style_sheet(colors: Colors) -> str:
    """Qt style sheet for what the widgets of this app do not paint themselves."""
    c = colors
    return f"""
    QWidget {{ font-size: {TEXT_PX}px; color: {c.text}; }}
    QDialog, QMainWindow {{ background: {c.surface}; }}
    QLabel {{ background: transparent; }}
    QLabel[role="secondary"] {{ color: {c.secondary}; }}
    QLabel[role="heading"] {{ font-size: 17px; font-weight: 600; }}
    QLabel[role="title"] {{ font-size: 15px; font-weight: 600; }}
    QLabel[role="error"] {{ color: {c.danger_text}; }}
    QLineEdit, QComboBox {{
        background: {c.surface}; border: 1px solid {c.line}; border-radius: 8px;
        padding: 0 10px; min-height: 34px; selection-background-color: {c.accent};
        selection-color: {c.on_accent};
    }}
    QLineEdit:focus, QComboBox:focus {{ border: 2px solid {c.accent}; padding: 0 9px; min-height: 32px; }}
    QComboBox::drop-down {{ border: 0; width: 26px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{
        background: {c.card}; border: 1px solid {c.line}; padding: 4px; outline: 0;
        selection-background-color: {c.accent}; selection-color: {c.on_accent};
    }}
    QComboBox QAbstractItemView::item {{ min-height: 28px; }}
    QPlainTextEdit {{
        background: {c.card}; border: 1px solid {c.line}; border-radius: 8px; padding: 6px; font-size: 12px;
        selection-background-color: {c.accent}; selection-color: {c.on_accent};
    }}
    QPlainTextEdit:focus {{ border: 2px solid {c.accent}; padding: 5px; }}
    QPlainTextEdit#chatEditor {{ font-size: {TEXT_PX}px; }}
    QPlainTextEdit:disabled {{ background: {c.surface}; color: {c.secondary}; }}
    QTextBrowser#chatLines {{ background: transparent; border: 2px solid transparent; border-radius: 8px; }}
    QTextBrowser#chatLines:focus {{ border: 2px solid {c.accent}; }}
    QMenu {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 8px; padding: 6px; }}
    QMenu::item {{ padding: 7px 26px 7px 12px; border-radius: 6px; color: {c.text}; }}
    QMenu::item:selected {{ background: {c.hover}; }}
    QMenu::item:disabled {{ color: {c.secondary}; background: transparent; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 6px 8px; }}
    QToolTip {{
        background: {c.card}; color: {c.text}; border: 1px solid {c.line}; padding: 5px 8px;
    }}
    QListWidget {{ background: transparent; border: 2px solid transparent; border-radius: 10px; outline: 0; }}
    QListWidget:focus {{ border: 2px solid {c.accent}; }}
    QListWidget::item {{ padding: 9px 12px; border-radius: 8px; color: {c.text}; }}
    QListWidget::item:hover {{ background: {c.hover}; }}
    QListWidget::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    QCheckBox {{ spacing: 10px; padding: 4px; border: 2px solid transparent; border-radius: 8px; }}
    QCheckBox:focus {{ border: 2px solid {c.accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
    QScrollBar::handle:vertical {{ background: {c.line}; border-radius: 3px; min-height: 30px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
    QScrollBar::handle:horizontal {{ background: {c.line}; border-radius: 3px; min-width: 30px; }}
    QScrollArea {{ background: transparent; border: 0; }}
    """


class Theme(QObject):
    """The colours in force. `setting` is `system`, `light` or `dark`; `changed` fires when the colours do."""

    changed = Signal()

    def __init__(self, setting: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        self.dark = False
        self.colors = LIGHT
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._refresh)
        self.choose(setting)

    def choose(self, setting: str) -> None:
        """Follow the system, or stay light or dark."""
        self._setting = setting
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(setting)
        hints = QGuiApplication.styleHints()
        if scheme is None:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(scheme)  # so that native frames and dialogs follow
        self._refresh()

    def _refresh(self) -> None:
        if self._setting == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            dark = self._setting == "dark"
        self.dark = dark
        self.colors = DARK if dark else LIGHT
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(_palette(self.colors))
        self.changed.emit()
