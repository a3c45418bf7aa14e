"""The own side's devices as the session knows them: what was chosen, what is open, what is switched off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from callapp.errors import CallAppError, Device, ErrorCode
from callapp.media import messages as media
from callapp.media.specs import NONE, MediaSpec
from callapp.session.ports import Preferences
from callapp.session.view import Action, Me, Notice, NoticeCode, Preview

PERMISSION_HINT_S = 3.0  # an unanswered permission question is said after this time


def _actions(error: CallAppError) -> tuple[Action, ...]:
    """The next steps that help with a source that did not open."""
    if error.device is Device.MICROPHONE:
        return (Action.TRY_AGAIN, Action.NO_MICROPHONE, Action.SETTINGS)
    if error.code is ErrorCode.NOT_FOUND:
        return (Action.TRY_AGAIN, Action.SOUND_ONLY, Action.TEST_PICTURE)
    if error.code in (ErrorCode.OVERCONSTRAINED, ErrorCode.FILE_UNREADABLE):
        return (Action.SETTINGS, Action.SOUND_ONLY, Action.TEST_PICTURE)
    return (Action.TRY_AGAIN, Action.OTHER_CAMERA, Action.SOUND_ONLY)


class Devices:
    """Start, switching, muting, sharing. `changed` is called after every change, `trace` with lines for the log."""

    def __init__(
        self,
        preferences: Preferences,
        *,
        command: Callable[[media.Command], None],
        changed: Callable[[], None],
        notify: Callable[[Notice | None], None],
        trace: Callable[[str], None],
    ) -> None:
        self.preview = Preview.OFF
        self.me = Me(name=preferences.name)
        self._preferences = preferences
        self._command = command
        self._changed = changed
        self._notify = notify
        self._trace = trace
        self._loop = asyncio.get_running_loop()
        self._starting: asyncio.Future[None] | None = None
        self._pending: dict[Device, asyncio.Future[None]] = {}
        self._left_out: set[Device] = set()  # started without: sound only, no microphone
        self._hint: asyncio.TimerHandle | None = None

    # ---- intents; each returns a future that fails with a CallAppError

    def start(self, camera: MediaSpec | None, microphone: MediaSpec | None) -> asyncio.Future[None]:
        if self.preview is Preview.ON:
            raise CallAppError(ErrorCode.INVALID_STATE, "camera and microphone are open already")
        self._settle(CallAppError(ErrorCode.ABORT, "replaced by another start"))
        self._trace("Requesting local stream.")
        self.preview = Preview.OPENING
        self.me = replace(self.me, muted=False, camera_off=False)
        self._starting = self._loop.create_future()
        self._hint = self._loop.call_later(PERMISSION_HINT_S, self._hint_permission)
        self._notify(None)
        chosen = self._preferences
        camera, microphone = camera or chosen.camera, microphone or chosen.microphone
        started = ((Device.CAMERA, camera), (Device.MICROPHONE, microphone))
        self._left_out = {device for device, spec in started if spec == NONE}
        self._command(media.OpenSources(camera, microphone, chosen.speaker, chosen.wish))
        self._changed()
        return self._starting

    def enable(self, device: Device, enabled: bool) -> asyncio.Future[None]:
        """Camera or microphone on, or off: then the device is released. Before Start it is an error."""
        self._require_preview()
        if device is Device.CAMERA:
            self.me = replace(self.me, camera_off=not enabled)
        else:
            self.me = replace(self.me, muted=not enabled)
        if enabled and device in self._left_out:
            self._left_out.discard(device)
            chosen = self._preferences
            spec = chosen.camera if device is Device.CAMERA else chosen.microphone
            self._command(media.SwitchSource(device, spec))
        self._command(media.EnableSource(device, enabled))
        self._changed()
        return self._wait(device)

    def choose(self, device: Device, spec: MediaSpec) -> asyncio.Future[None]:
        """Another device; before Start it is only remembered."""
        if device is Device.CAMERA:
            self._preferences = replace(self._preferences, camera=spec)
        elif device is Device.MICROPHONE:
            self._preferences = replace(self._preferences, microphone=spec)
        else:
            self._preferences = replace(self._preferences, speaker=spec)
        if self.preview is not Preview.ON:
            future: asyncio.Future[None] = self._loop.create_future()
            future.set_result(None)
            return future
        self._command(media.SwitchSource(device, spec))
        return self._wait(device)

    def share(self, screen: str | None) -> asyncio.Future[None]:
        self._require_preview()
        self._command(media.Share(screen))
        return self._wait(Device.SCREEN)

    def rename(self, name: str) -> None:
        self.me = replace(self.me, name=name.strip()[:64])
        self._changed()

    def close(self) -> None:
        self._settle(CallAppError(ErrorCode.ABORT, "closing"))
        for future in self._pending.values():
            future.cancel()
        self._pending.clear()

    # ---- what the engine says

    def on_media(self, event: media.Event) -> None:
        match event:
            case media.SourcesOpened(camera, microphone, speaker):
                self.preview = Preview.ON
                self.me = replace(
                    self.me,
                    camera=camera,
                    microphone=microphone,
                    speaker=speaker,
                    camera_off=camera is None,
                    muted=microphone is None,
                )
                self._trace("Received local stream.")
                for kind, info in (("video", camera), ("audio", microphone)):
                    if info is not None:
                        self._trace(f"Using {kind} device: {info.label}.")
                if camera is not None:
                    self._trace(
                        f"localVideo videoWidth: {camera.width_px}px, videoHeight: {camera.height_px}px."
                    )
                self._settle(None)
            case media.SourcesFailed(error):
                self.preview = Preview.FAILED
                self.me = replace(self.me, camera=None, microphone=None, speaker=None)
                self._trace(f"getUserMedia() error: {error}")
                self._notify(Notice(NoticeCode.ERROR, _actions(error), error))
                self._settle(error)
            case media.SourceChanged(device, info):
                self._set_info(device, info)
                self._finish(device, None)
            case media.SourceFailed(device, error, lost):
                self._fail(device, error, lost)
            case _:
                return
        self._changed()

    # ---- inside

    def _require_preview(self) -> None:
        if self.preview is not Preview.ON:
            raise CallAppError(ErrorCode.INVALID_STATE, "press Start first")

    def _wait(self, device: Device) -> asyncio.Future[None]:
        previous = self._pending.get(device)
        if previous is not None and not previous.done():
            previous.set_exception(CallAppError(ErrorCode.ABORT, "replaced by a later wish"))
            previous.exception()  # a window does not wait for it
        future: asyncio.Future[None] = self._loop.create_future()
        self._pending[device] = future
        return future

    def _finish(self, device: Device, error: CallAppError | None) -> None:
        future = self._pending.pop(device, None)
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()

    def _settle(self, error: CallAppError | None) -> None:
        """The end of a start, well or not."""
        if self._hint is not None:
            self._hint.cancel()
            self._hint = None
        future, self._starting = self._starting, None
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()

    def _hint_permission(self) -> None:
        self._hint = None
        if self.preview is Preview.OPENING:
            actions = (Action.SOUND_ONLY, Action.TEST_PICTURE)
            self._notify(Notice(NoticeCode.PERMISSION_PENDING, actions))

    def _set_info(self, device: Device, info: media.SourceInfo | None) -> None:
        if device is Device.CAMERA:
            self.me = replace(self.me, camera=info)
        elif device is Device.MICROPHONE:
            self.me = replace(self.me, microphone=info)
        elif device is Device.SPEAKER:
            self.me = replace(self.me, speaker=info)
        else:
            self.me = replace(self.me, sharing=info is not None)
        if info is not None:
            self._trace(f"Using {device.value}: {info.label}.")

    def _fail(self, device: Device, error: CallAppError, lost: bool) -> None:
        self._trace(f"{device.value}: {error}")
        if device is Device.SCREEN:
            self.me = replace(self.me, sharing=False)
        elif lost:
            self._set_info(device, None)
            if device is Device.CAMERA:  # the peer sees a placeholder, not a frozen face
                self.me = replace(self.me, camera_off=True)
            elif device is Device.MICROPHONE:
                self.me = replace(self.me, muted=True)
        elif device is Device.CAMERA and self.me.camera is None:
            self.me = replace(self.me, camera_off=True)
        elif device is Device.MICROPHONE and self.me.microphone is None:
            self.me = replace(self.me, muted=True)
        self._notify(Notice(NoticeCode.ERROR, (Action.SETTINGS,), error))
        self._finish(device, error)
