"""The session: one person's app between the window and the parts that do the work.

It takes intents (from ui or control) and events (from the engine, the room and the call machine), keeps the few
values that a CallView is made of, and tells its watchers. Everything runs on one asyncio loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from callapp.call import events as ev
from callapp.call.machine import Call
from callapp.call.states import Reason, State
from callapp.errors import CallAppError, Device, ErrorCode
from callapp.media import messages as media
from callapp.media.specs import MediaSpec
from callapp.session import intents, notices
from callapp.session.audience import Audience
from callapp.session.banner import Banner
from callapp.session.chat import Chat
from callapp.session.companion import Companion
from callapp.session.conversation import Conversation
from callapp.session.devices import Devices
from callapp.session.encounter import Encounter
from callapp.session.loopback import LoopbackPartner
from callapp.session.own_status import OwnStatus
from callapp.session.place import Place
from callapp.session.ports import (
    Ended,
    Engine,
    Preferences,
    Rooms,
    Watcher,
)
from callapp.session.runner import CallRunner, new_call_id
from callapp.session.trust import Trust
from callapp.session.view import (
    LIVE_STATES,
    Action,
    CallView,
    Notice,
    NoticeCode,
    Room,
    buttons_of,
)
from callapp.signaling import events as signaling
from callapp.signaling.invite import Invite

_log = logging.getLogger(__name__)


class Session:
    """Runs one call at a time.

    `invite` is the room to be in; without one Start makes a room of its own. `loopback` starts in "try a call with
    yourself". Call `close` before the loop ends.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        rooms: Rooms,
        preferences: Preferences,
        invite: Invite | None = None,
        invited: bool = False,
        loopback: bool = False,
    ) -> None:
        self._engine = engine
        self._audience = Audience(CallView())
        self._banner = Banner(self._publish)
        self._sounds = preferences.sounds
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._partner: LoopbackPartner | None = None
        self.seat = engine.seat(self._on_media)
        self._devices = Devices(
            preferences,
            command=self.seat.send,
            changed=self._devices_changed,
            notify=self._banner.show,
            trace=self._audience.trace,
        )
        self._place = Place(rooms, invite=invite, loopback=self._loopback_link, heard=self._on_link)
        self._place.invited = invited
        self._place.loopback = loopback
        self._companion = Companion()
        self._trust = Trust(self._audience.trace, self._warn)
        self._chat = Chat(
            command=self.seat.send,
            changed=self._publish,
            names=lambda: (self._devices.me.name, self._companion.name),
        )
        self._conversation = Conversation(
            relay=self._place.send,
            about_call=lambda message: self._runner.feed_message(message),
            companion=self._companion,
            trust=self._trust,
            chat=self._chat,
            audience=self._audience,
            banner=self._banner,
        )
        send = self._conversation.send
        self._own_status = OwnStatus(lambda: self._devices.me, send=send, command=self.seat.send)
        self._runner = CallRunner(
            command=self.seat.send, send=send, status=self._own_status.message, on_change=self._on_call
        )
        self._encounter = Encounter(
            place=self._place,
            runner=self._runner,
            conversation=self._conversation,
            trust=self._trust,
            companion=self._companion,
            banner=self._banner,
            audience=self._audience,
            play=self._play,
            give_up=lambda: self._spawn(self._leave()),
        )
        self._closing = False
        self._publish()

    # ---- what ui and control call

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` the present view and everything from now on."""
        self._audience.add(watcher)

    def post(self, intent: intents.Intent) -> None:
        """Carry out an intent; what goes wrong becomes a notice."""
        self._spawn(self._perform_quietly(intent))

    async def perform(self, intent: intents.Intent) -> None:
        """Carry out an intent and wait until it is done. Raises CallAppError."""
        match intent:
            case intents.Start(camera, microphone):
                await self._start(camera, microphone)
            case intents.PlaceCall():
                await self._place_call()
            case intents.HangUp():
                await self._hang_up()
            case intents.Accept(video):
                self._require(self._runner.call.state is State.RINGING, "nobody is calling")
                if not video:
                    self._devices.enable(Device.CAMERA, False)
                self._runner.feed(ev.Accept())
            case intents.Decline():
                self._require(self._runner.call.state is State.RINGING, "nobody is calling")
                self._runner.feed(ev.Decline())
            case intents.Mute(muted):
                await self._devices.enable(Device.MICROPHONE, not muted)
            case intents.CameraOff(off):
                await self._devices.enable(Device.CAMERA, not off)
            case intents.ChooseDevice(device, spec):
                await self._devices.choose(device, spec)
            case intents.ShareScreen(screen):
                await self._devices.share(screen)
            case intents.OpenLink(link):
                await self._leave_idle_room()
                self._place.use_link(link)
                self._banner.show(None)
            case intents.NewRoom():
                await self._leave_idle_room()
                await self._place.renew()
                self._banner.show(None)
            case intents.ChooseReach(reach):
                await self._leave_idle_room()
                await self._place.choose_reach(reach)
                self._banner.show(None)
            case intents.TryLoopback():
                await self._leave_idle_room()
                self._place.use_loopback()
                self._banner.show(None)
            case intents.SetName(name):
                self._devices.rename(name)
            case intents.SendChat(text):
                self._chat.say(text)
            case intents.MarkChatRead():
                self._chat.read()
            case intents.DismissNotice():
                self._banner.show(None)

    def remote_shown(self, role: media.VideoRole, width_px: int, height_px: int, shown_at: float) -> None:
        """A remote picture was painted at `shown_at` (Unix s). The first of a call ends its set-up."""
        reports = self._companion.shown(role, width_px, height_px, shown_at)
        for report in reports:
            self._audience.report(report)
        if reports:
            self._publish()

    def use_sounds(self, on: bool) -> None:
        """Whether the app's own sounds (joined, left) are played."""
        self._sounds = on

    @property
    def view(self) -> CallView:
        """The present view."""
        return self._audience.view

    async def close(self) -> None:
        """End the call, leave the room, release every device. Idempotent; the engine is closed by its owner."""
        if self._closing:
            return
        self._runner.feed(ev.HangUp())
        self._closing = True
        self._runner.close()
        self._chat.close()
        self._devices.close()
        self.seat.send(media.CloseSources())
        await self._place.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- intents

    async def _perform_quietly(self, intent: intents.Intent) -> None:
        try:
            await self.perform(intent)
        except CallAppError as error:
            if error.code in (ErrorCode.INVALID_STATE, ErrorCode.ABORT):
                _log.info("%s: %s", type(intent).__name__, error)
            elif (
                self._banner.notice is None or self._banner.notice.error is not error
            ):  # else it is said already
                self._banner.show(Notice(NoticeCode.ERROR, (), error))

    async def _start(self, camera: MediaSpec | None, microphone: MediaSpec | None) -> None:
        await self._devices.start(camera, microphone)
        if self._place.invite is None and not self._place.loopback:
            await self._place.renew()
            self._publish()

    async def _place_call(self) -> None:
        self._require(self.view.buttons.call, "Call can't be pressed now")
        self._companion.expected(time.time())
        self._banner.show(None)
        self._audience.trace("Starting call.")
        if self._place.busy:  # the other one is still in the room
            self._runner.feed(ev.Place(new_call_id()))
            return
        try:
            if self._place.invite is None and not self._place.loopback:
                await self._place.renew()
            joined = self._place.join()
            self._publish()
            await joined
        except CallAppError as error:
            if error.code is not ErrorCode.ABORT:
                self._join_failed(error)
                await self._leave()
                if error.code is ErrorCode.ROOM_FULL:
                    self._place.room = Room.FULL
                self._publish()
            raise

    def _join_failed(self, error: CallAppError) -> None:
        self._audience.trace(f"join failed: {error}")
        if error.code is ErrorCode.ROOM_FULL:
            self._banner.show(Notice(NoticeCode.ROOM_FULL, (Action.NEW_ROOM,), error))
            self._audience.report(Ended(Reason.FULL))
        else:
            self._banner.show(Notice(NoticeCode.ERROR, (Action.TRY_AGAIN, Action.NEW_ROOM), error))
            self._audience.report(Ended(Reason.REFUSED))

    async def _hang_up(self) -> None:
        self._require(self.view.buttons.hang_up, "there is no call to end")
        self._audience.trace("Ending call.")
        was_live = self._runner.call.state in LIVE_STATES
        self._runner.feed(ev.HangUp())
        if not was_live:
            self._audience.report(Ended(Reason.HUNG_UP))
        leaving = self._leave()
        self._banner.show(Notice(NoticeCode.YOU_LEFT, (Action.REJOIN, Action.NEW_ROOM)))
        await leaving
        self._publish()

    async def _leave_idle_room(self) -> None:
        self._require(self._runner.call.state not in LIVE_STATES, "hang up first")
        if self._place.busy:
            await self._leave()

    async def _leave(self) -> None:
        self._trust.left()
        await self._place.leave()

    def _require(self, condition: bool, detail: str) -> None:
        if not condition:
            raise CallAppError(ErrorCode.INVALID_STATE, detail)

    # ---- events

    def _on_media(self, event: media.Event) -> None:
        if self._closing:
            return
        match event:
            case media.Trace(text):
                self._audience.trace(text)
            case media.MessageReceived():
                self._conversation.on_channel(event, self._runner.call.call_id)
                self._publish()
            case media.RemoteVideo(_, role, width_px, height_px):
                name = "remoteVideo" if role is media.VideoRole.CAMERA else "remoteScreen"
                self._audience.trace(f"{name} videoWidth: {width_px}px, videoHeight: {height_px}px.")
            case media.NegotiationFailed(_, _, error):
                self._audience.trace(f"negotiation failed: {error}")
                self._runner.feed_media(event)
            case _:
                self._devices.on_media(event)
                self._runner.feed_media(event)

    def _on_link(self, event: signaling.LinkEvent) -> None:
        if not self._closing:
            self._encounter.hear(event)
            self._publish()

    def _on_call(self, before: Call, after: Call) -> None:
        self._companion.call_changed(before, after, time.time())
        self._trust.call_changed(after)
        self._chat.call_changed(after)
        if after.state is State.CONNECTED and before.state is not State.CONNECTED:
            self._own_status.tell(after, again=True)
        if after.state is State.ENDED and before.state is not State.ENDED:
            self._call_ended(after.reason or Reason.ERROR, before)
        self._publish()

    def _call_ended(self, reason: Reason, before: Call) -> None:
        if self._encounter.call_ended(reason, before.state):
            return
        notice = notices.for_end(reason, before.state, self._place.room)
        if notice is not None:
            self._banner.show(notice)
        if reason in (Reason.PEER_LEFT, Reason.PEER_LOST):
            self._play(media.Sound.LEFT)
        self._audience.trace(f"Call ended: {reason.value}.")
        self._audience.report(Ended(reason))

    def _devices_changed(self) -> None:
        self._own_status.tell(self._runner.call)
        self._publish()

    # ---- towards the watchers

    def _publish(self) -> None:
        place, devices, call = self._place, self._devices, self._runner.call
        self._audience.show(
            CallView(
                call=call.state,
                reason=call.reason,
                preview=devices.preview,
                room=place.room,
                link=place.link_state,
                buttons=buttons_of(devices.preview, call.state, place.room, place.busy),
                invite=place.invite_view(),
                hosting=place.hosting,
                invited=place.invited,
                loopback=place.loopback,
                me=devices.me,
                peer=self._companion.status,
                since=self._companion.since,
                notice=self._banner.notice,
                lock=self._trust.lock,
                sas=self._trust.sas,
                chat=self._chat.history,
                chat_open=self._chat.open,
                unread=self._chat.unread,
                reach=place.reach,
            )
        )

    def _warn(self) -> None:
        self._banner.show(Notice(NoticeCode.INTERFERENCE, (Action.NEW_ROOM,)))

    def _play(self, sound: media.Sound) -> None:
        if self._sounds:
            self.seat.send(media.PlaySound(sound))

    # ---- inside

    def _loopback_link(self, post: Callable[[signaling.LinkEvent], None]) -> LoopbackPartner:
        if self._partner is None:
            self._partner = LoopbackPartner(self._engine, self._own_status.message)
        return self._partner.attach(post)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._closing:
            coroutine.close()
            return
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
