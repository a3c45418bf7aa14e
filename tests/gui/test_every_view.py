"""Every view in both languages, both themes, at the smallest and the usual size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.bench import Bench
from gui.pictures import portrait, slides
from gui.views import all_views
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from callapp.session.view import CallView
from callapp.ui.widgets import Button, ElidedLabel
from callapp.ui.window import MainWindow

SIZES = [(640, 480), (960, 640)]


def visible(window: MainWindow, kind: type[QWidget]) -> list[QWidget]:
    return [widget for widget in window.findChildren(kind) if widget.isVisible()]


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def assert_nothing_is_clipped(window: MainWindow, name: str) -> None:
    for button in visible(window, Button):
        hint = button.sizeHint()
        assert button.width() >= hint.width(), (name, button.accessibleName(), "button too narrow")
        assert button.height() >= hint.height(), (name, button.accessibleName(), "button too low")
    for label in visible(window, QLabel):
        assert isinstance(label, QLabel)
        if isinstance(label, ElidedLabel):
            assert "…" not in label.text() or label.accessibleName() == label.text(), (name, label.text())
        elif label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()) - 1, (
                name,
                label.text(),
                "cut below",
            )
        elif label.text():
            words = QFontMetrics(label.font()).horizontalAdvance(label.text())
            assert label.width() >= words, (name, label.text(), "cut at the side")
    inside = window.rect()
    for widget in (*visible(window, Button), *visible(window, QLabel)):
        assert inside.contains(place(widget, window)), (name, widget, place(widget, window))


def assert_cards_keep_clear_of_bars(window: MainWindow, name: str) -> None:
    bars = [place(window.top, window), place(window.bottom, window)]
    for card in (window.notices, window.room_card, window.incoming):
        if card.isVisible():
            assert not any(place(card, window).intersects(bar) for bar in bars), (name, card)


def assert_buttons_are_those_of_the_view(window: MainWindow, view: CallView, name: str) -> None:
    bottom = window.bottom
    found = (bottom.start.isEnabled(), bottom.call.isEnabled(), bottom.hang_up.isEnabled())
    assert found == (view.buttons.start, view.buttons.call, view.buttons.hang_up), name
    for button in (bottom.start, bottom.call, bottom.hang_up):
        assert button.isVisible()
        assert bool(button.toolTip()) != button.isEnabled(), (name, "a disabled button says why")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_view_can_be_read_in_this_language_and_theme(
    make_bench: Callable[..., Bench], language: str, theme: str
) -> None:
    bench = make_bench(language=language, theme=theme)
    window = bench.window
    places: set[tuple[object, ...]] = set()
    for width, height in SIZES:
        window.resize(width, height)
        places.clear()
        for name, view in all_views().items():
            window.render(view)
            QApplication.processEvents()
            assert (window.width(), window.height()) == (width, height), name
            assert_buttons_are_those_of_the_view(window, view, name)
            assert_nothing_is_clipped(window, f"{name} {language} {width}x{height}")
            assert_cards_keep_clear_of_bars(window, name)
            for fold in window.findChildren(Button, "detailsButton"):
                if fold.isVisible():
                    fold.click()
                    assert_nothing_is_clipped(window, f"{name} unfolded {language} {width}x{height}")
            places.add(tuple(place(b, window).getRect() for b in
                             (window.bottom.start, window.bottom.call, window.bottom.hang_up)))  # fmt: skip
        assert len(places) == 1, "the three buttons never move"


def test_every_view_can_be_painted_with_and_without_pictures(bench: Bench) -> None:
    own, remote, screen = portrait(320, 180), portrait(320, 240), slides(320, 180)
    for name, view in all_views().items():
        bench.window.render(view)
        for fill in (False, True):
            if fill:
                bench.slots.local.put(own)
                bench.slots.remote.put(remote)
                bench.slots.remote_screen.put(screen)
                QApplication.processEvents()
            assert not bench.window.grab().isNull(), name


def test_every_control_has_a_name_and_can_be_reached_by_tab(bench: Bench) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QAbstractButton, QLineEdit

    for name, view in all_views().items():
        bench.window.render(view)
        QApplication.processEvents()
        for widget in (*visible(bench.window, QAbstractButton), *visible(bench.window, QLineEdit)):
            said = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            assert said, (name, widget.objectName())
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, (name, widget.objectName())
