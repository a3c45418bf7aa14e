"""The stage: which picture is large, which lie on it as tiles, and everything drawn over them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractAnimation,
    QCoreApplication,
    QEasingCurve,
    QEvent,
    QPoint,
    QPointF,
    QPropertyAnimation,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from callapp.call.states import State
from callapp.media.video.slot import FrameSlot
from callapp.session.view import CallView, Preview, Room
from callapp.ui.stage_layers import NamePill, Note, SharingChip
from callapp.ui.texts import state_words
from callapp.ui.theme import OVER, Theme
from callapp.ui.video_view import VideoView

translate = QCoreApplication.translate

MOVE_MS = 150
_EDGE_PX = 16
_IN_CALL = (State.CONNECTED, State.RECONNECTING)
_UNDER_WAY = (State.OFFERING, State.CALLING, State.ANSWERING, State.CONNECTING)


@dataclass(frozen=True)
class Slots:
    """Where the pictures come from."""

    local: FrameSlot
    remote: FrameSlot
    remote_screen: FrameSlot


class Corner(enum.Enum):
    """Where the tiles rest: (right, bottom)."""

    TOP_LEFT = (False, False)
    TOP_RIGHT = (True, False)
    BOTTOM_LEFT = (False, True)
    BOTTOM_RIGHT = (True, True)


class Stage(QWidget):
    """Lays out the own picture, the other person's and their screen; `stop_sharing` comes from the sharing chip."""

    stop_sharing = Signal()

    def __init__(self, theme: Theme, slots: Slots, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.own = VideoView(mirrored=True, slot=slots.local, parent=self)
        self.remote = VideoView(slot=slots.remote, parent=self)
        self.screen_view = VideoView(slot=slots.remote_screen, parent=self)
        self.views = (self.remote, self.screen_view, self.own)
        self.note = Note(self)
        self._pill = NamePill(self)
        self._chip = SharingChip(theme, self)
        self._chip.stop.clicked.connect(self.stop_sharing)
        self._view = CallView()
        self._solid = (0, 0)  # px of the stage covered by solid bars: top, bottom
        self._covered = (0, 0)  # px covered by whatever floats there now
        self._covered_right = 0
        self._corner = Corner.BOTTOM_RIGHT
        self._chatty = True
        self._chosen: VideoView | None = None  # made large by a double click
        self._grip: QPointF | None = None
        self._moves: dict[VideoView, QPropertyAnimation] = {}
        for view in self.views:
            view.hide()
            view.activated.connect(lambda view=view: self._swap(view))
            view.pressed.connect(lambda at, view=view: self._grab(view, at))
            view.dragged.connect(lambda at, view=view: self._drag(view, at))
            view.dropped.connect(lambda view=view: self._drop(view))
            view.nudged.connect(self._nudge)
            view.aspect_changed.connect(self._relayout, Qt.ConnectionType.QueuedConnection)
        self._retranslate()

    # ---- the view

    def render_view(self, view: CallView) -> None:
        """Shows what the view says."""
        before = self._roles()
        in_call = view.call in _IN_CALL
        peer = view.peer
        self._view = view
        me = view.me
        self.own.set_active(view.preview is Preview.ON and me.camera is not None)
        self.remote.set_active(view.live and not (peer is not None and peer.camera_off))
        self.screen_view.set_active(view.live and peer is not None and peer.sharing)
        if not in_call or (self._chosen is self.screen_view and self.screen_view not in self._wanted()):
            self._chosen = None
        self._placeholders(view)
        for picture in (self.remote, self.screen_view):
            picture.set_dimmed(view.call is State.RECONNECTING)
        self.own.set_badge("mic-off" if me.muted else "")
        self.remote.set_badge("mic-off" if peer is not None and peer.muted else "")
        self._pill.show_peer(peer.name if peer else "", muted=bool(peer and peer.muted))
        self._chip.setVisible(me.sharing)
        trying = view.call in _UNDER_WAY or (view.room is Room.PEER and view.call is State.IDLE)
        self.note.setVisible(trying or view.call is State.RECONNECTING)
        self.note.words.setText(state_words(view, 0))
        self._arrange(animated=before != self._roles() and bool(before))

    def _placeholders(self, view: CallView) -> None:
        me, peer = view.me, view.peer
        off = translate("Stage", "Your camera is off")
        self.own.set_placeholder(
            "user" if me.name else "camera-off",
            me.name,
            translate("Stage", "Starting the camera…") if view.preview is Preview.OPENING else off,
        )
        name = peer.name if peer else ""
        hint = translate("Stage", "Camera off") if peer is not None and peer.camera_off else ""
        self.remote.set_placeholder("user" if name or not hint else "camera-off", name, hint)
        self.screen_view.set_placeholder("screen", "", translate("Stage", "The shared screen is coming…"))

    def _wanted(self) -> list[VideoView]:
        """The pictures of this state, the largest first."""
        view = self._view
        if view.call in _IN_CALL:
            pictures = [self.remote, self.own]
            if view.peer is not None and view.peer.sharing:
                pictures.insert(0, self.screen_view)
            return pictures
        return [self.own] if view.preview is Preview.ON else []

    def _roles(self) -> list[VideoView]:
        """`_wanted` with the person's own choice in front."""
        pictures = self._wanted()
        if self._chosen in pictures:
            first = pictures[0]
            index = pictures.index(self._chosen)
            pictures[0], pictures[index] = self._chosen, first
        return pictures

    # ---- layout

    def set_solid(self, top_px: int, bottom_px: int) -> None:
        """Bars that the large picture must not lie under."""
        if (top_px, bottom_px) != self._solid:
            self._solid = (top_px, bottom_px)
            self._arrange()

    def set_quiet(self, quiet: bool) -> None:
        """Quiet: the bars are gone, and so is the name; a warning that the peer is muted stays."""
        if quiet == self._chatty:
            self._chatty = not quiet
            self._arrange(animated=True)

    def set_covered(self, top_px: int, bottom_px: int, right_px: int = 0) -> None:
        """What floats over the stage at its edges now: tiles and names keep clear of it."""
        if (top_px, bottom_px, right_px) != (*self._covered, self._covered_right):
            self._covered = (top_px, bottom_px)
            self._covered_right = right_px
            self._arrange(animated=self.isVisible())

    @property
    def content(self) -> QRect:
        """Where the large picture lies."""
        if self._view.call in _IN_CALL:
            return self.rect()
        return self.rect().adjusted(0, self._solid[0], 0, -self._solid[1])

    def _tile_size(self, view: VideoView) -> QSize:
        width = max(160, min(320, round(self.width() * 0.22)))
        height = round(width / view.aspect)
        tallest = max(90, round(self.height() * 0.36))
        if height > tallest:
            width, height = max(60, round(tallest * view.aspect)), tallest
        return QSize(width, height)

    def _rest_place(self, view: VideoView, above_px: int) -> QRect:
        size = self._tile_size(view)
        right, bottom = self._corner.value
        x = self.width() - self._covered_right - _EDGE_PX - size.width() if right else _EDGE_PX
        top, low = (max(px, _EDGE_PX - 4) + 4 for px in self._covered)
        y = self.height() - low - size.height() - above_px if bottom else top + above_px
        return QRect(QPoint(x, y), size)

    def moving(self) -> bool:
        """Pictures are on their way to another place."""
        return any(move.state() == QAbstractAnimation.State.Running for move in self._moves.values())

    def _relayout(self) -> None:
        self._arrange(animated=True)

    def _arrange(self, *, animated: bool = False) -> None:
        roles = self._roles()
        for view in self.views:
            view.setVisible(view in roles)
        above = 0
        for index, view in enumerate(roles):
            view.set_tile(index > 0)
            view.safe_bottom_px = max(0, self._covered[1] - (self.height() - self.content.bottom() - 1))
            if index == 0:
                view.lower()
                self._move(view, self.content, animated)
            else:
                view.raise_()
                if self._grip is None:
                    place = self._rest_place(view, above)
                    self._move(view, place, animated)
                    above += place.height() + 12
        main = roles[0] if roles else None
        named = self.remote.has_picture and self._chatty  # the placeholder says the name itself
        self._pill.setVisible(main is self.remote and self._pill.wanted and (named or self._pill.muted))
        for layer in (self._pill, self.note, self._chip):
            layer.raise_()
        self._place_layers()
        self.update()

    def _place_layers(self) -> None:
        for layer in (self.note, self._chip, self._pill):
            layer.adjustSize()
        content = self.content
        middle = content.center()
        if self.remote in self._roles()[:1] and not self.remote.has_picture:  # below the card with the name
            middle.setY(content.top() + content.height() * 4 // 5)
        self.note.move(middle - self.note.rect().center())
        self._chip.move(self.rect().center().x() - self._chip.width() // 2, max(self._covered[0], 8) + 8)
        left_bottom = self._corner is Corner.BOTTOM_LEFT
        x = self.width() - self._pill.width() - _EDGE_PX if left_bottom else _EDGE_PX
        self._pill.move(x, self.height() - max(self._covered[1], 12) - 4 - self._pill.height())

    def _move(self, view: VideoView, place: QRect, animated: bool) -> None:
        move = self._moves.get(view)
        running = move is not None and move.state() == QAbstractAnimation.State.Running
        if running and move is not None:
            if animated and move.endValue() == place:
                return
            move.stop()
        if not animated or not self.isVisible() or view.geometry() == place:
            view.setGeometry(place)
            return
        if move is None:
            move = QPropertyAnimation(view, b"geometry", self)
            move.setDuration(MOVE_MS)
            move.setEasingCurve(QEasingCurve.Type.OutCubic)
            self._moves[view] = move
        move.setStartValue(view.geometry())
        move.setEndValue(place)
        move.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    # ---- swapping and dragging

    def _swap(self, view: VideoView) -> None:
        roles = self._roles()
        if len(roles) < 2:
            return
        if view is roles[0]:
            view = self._wanted()[0] if self._chosen is not None else roles[-1]
        self._chosen = view
        self._arrange(animated=True)

    def _grab(self, view: VideoView, at: QPointF) -> None:
        self._grip = QPointF(view.pos()) - at
        view.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag(self, view: VideoView, at: QPointF) -> None:
        if self._grip is None:
            return
        wish = (self._grip + at).toPoint()
        room = self.rect().size() - view.size()
        view.move(max(0, min(wish.x(), room.width())), max(0, min(wish.y(), room.height())))

    def _drop(self, view: VideoView) -> None:
        self._grip = None
        view.setCursor(Qt.CursorShape.OpenHandCursor)
        centre = view.geometry().center()
        self.set_corner(Corner((centre.x() > self.width() / 2, centre.y() > self.height() / 2)))

    def _nudge(self, key: int) -> None:
        right, bottom = self._corner.value
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            right = key == Qt.Key.Key_Right
        else:
            bottom = key == Qt.Key.Key_Down
        self.set_corner(Corner((right, bottom)))

    def set_corner(self, corner: Corner) -> None:
        """Moves the tiles to another corner."""
        self._corner = corner
        self._arrange(animated=True)

    # ---- the rest

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(OVER.stage))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.own.setAccessibleName(translate("Stage", "Your own picture"))
        self.remote.setAccessibleName(translate("Stage", "The other person's picture"))
        self.screen_view.setAccessibleName(translate("Stage", "The other person's screen"))
        self.render_view(self._view)

    def release(self) -> None:
        """Stop listening to the slots."""
        for view in self.views:
            view.release()
        for move in self._moves.values():
            move.stop()
