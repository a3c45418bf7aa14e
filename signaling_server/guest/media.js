/**
 * The own side's devices: what was chosen, what is open, what is switched off. Off means released: the track is
 * stopped, so that the device's light goes out, and nothing but silence is sent.
 */

import { Sound } from "./sound.js";

const PERMISSION_HINT_MS = 3000; // an unanswered permission question is said after this time
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** What a device could not do. `name` is the W3C name of the error, `kind` the device: camera, microphone, screen. */
export class DeviceError extends Error {
  /** @param {string} name @param {"camera"|"microphone"|"screen"|"devices"} kind @param {string} detail */
  constructor(name, kind, detail = "") {
    super(detail);
    this.name = name;
    this.kind = kind;
  }
}

const CONSTRAINTS = {
  camera: (id) => ({ video: { ...PICTURE, ...(id ? { deviceId: { exact: id } } : {}) } }),
  microphone: (id) => ({ audio: { ...VOICE, ...(id ? { deviceId: { exact: id } } : {}) } }),
};

/**
 * Camera, microphone and screen. `preview` is off, opening, on or failed.
 *
 * @typedef {object} Watcher
 * @property {() => void} changed after every change
 * @property {(kind: string, track: MediaStreamTrack|null) => void} feed what a call is to send: audio, camera, screen
 * @property {(error: DeviceError, lost: boolean) => void} failed
 * @property {() => void} asking the browser's question has not been answered for a while
 * @property {(text: string) => void} trace
 */
export class Media {
  #watcher;
  #sound = new Sound();
  #tracks = { camera: null, microphone: null, screen: null };
  #chosen = { camera: "", microphone: "" };
  #wanted = { camera: false, microphone: false }; // what the person wants on; opening takes a while
  #turns = { camera: 0, microphone: 0, screen: 0, start: 0 };
  #busy = { camera: Promise.resolve(), microphone: Promise.resolve() };

  /** @param {Watcher} watcher */
  constructor(watcher) {
    this.#watcher = watcher;
    this.preview = "off";
    this.devices = []; // MediaDeviceInfo
    this.canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#listDevices());
  }

  /** The camera's picture, for the preview. @returns {MediaStreamTrack|null} */
  get camera() {
    return this.#tracks.camera;
  }

  get screen() {
    return this.#tracks.screen;
  }

  get muted() {
    return this.#tracks.microphone === null;
  }

  get cameraOff() {
    return this.#tracks.camera === null;
  }

  /** How loud the microphone is, 0 to 1. */
  get level() {
    return this.#sound.level();
  }

  /** @param {"camera"|"microphone"} kind @returns {string} the device in use or chosen, "" for the browser's choice */
  chosen(kind) {
    return this.#tracks[kind]?.getSettings().deviceId ?? this.#chosen[kind];
  }

  /** What a peer connection is to send now. @returns {Record<string, MediaStreamTrack|null>} */
  tracks() {
    return {
      audio: this.#tracks.microphone ?? this.#sound.silence(),
      camera: this.#tracks.camera,
      screen: this.#tracks.screen,
    };
  }

  /**
   * Open what is wanted, as one question to the person. While an earlier start still waits, it is replaced.
   * @param {{camera: boolean, microphone: boolean}} wanted
   */
  async start(wanted) {
    const turn = (this.#turns.start += 1);
    this.#sound.open(); // now, while the person's click counts
    this.preview = "opening";
    this.#watcher.trace("Requesting local stream.");
    this.#watcher.changed();
    const hint = setTimeout(() => turn === this.#turns.start && this.#watcher.asking(), PERMISSION_HINT_MS);
    try {
      const stream = await this.#open(wanted);
      if (turn !== this.#turns.start) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.preview = "on";
      this.#wanted = { ...wanted };
      this.#watcher.trace("Received local stream.");
      this.#take("camera", stream.getVideoTracks()[0] ?? null);
      this.#take("microphone", stream.getAudioTracks()[0] ?? null);
    } catch (error) {
      if (turn !== this.#turns.start) return;
      this.preview = "failed";
      this.#fail(error instanceof DeviceError ? error : new DeviceError(error.name, "devices", error.message), false);
    } finally {
      clearTimeout(hint);
    }
    await this.#listDevices();
  }

  /** On, or off: then the device is released. @param {"camera"|"microphone"} kind @param {boolean} on */
  enable(kind, on) {
    this.#wanted[kind] = on;
    return this.#renew(kind);
  }

  /** Use another device from now on. @param {"camera"|"microphone"} kind @param {string} id */
  choose(kind, id) {
    this.#chosen[kind] = id;
    if (this.preview !== "on" || !this.#wanted[kind]) {
      this.#watcher.changed();
      return Promise.resolve();
    }
    return this.#renew(kind, true);
  }

  /** Ask which screen or window to share, and share it. */
  async share() {
    const turn = (this.#turns.screen += 1);
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false });
    } catch (error) {
      // NotAllowedError: the person has pressed Cancel
      if (error.name !== "NotAllowedError") this.#fail(new DeviceError(error.name, "screen", error.message), false);
      return;
    }
    const [track] = stream.getVideoTracks();
    if (turn !== this.#turns.screen) {
      track.stop();
      return;
    }
    track.contentHint = "detail";
    track.onended = () => this.stopSharing();
    this.#take("screen", track);
  }

  stopSharing() {
    this.#turns.screen += 1;
    if (this.#tracks.screen !== null) this.#take("screen", null);
  }

  /** Release everything. */
  close() {
    this.#turns.start += 1;
    this.stopSharing();
    for (const kind of ["camera", "microphone"]) {
      this.#turns[kind] += 1;
      this.#take(kind, null);
    }
    this.#sound.close();
    this.preview = "off";
  }

  // ---- inside

  /** Both in one question; if that fails, find out which device is the reason. */
  async #open({ camera, microphone }) {
    if (!camera && !microphone) return new MediaStream();
    const constraints = {
      ...(camera ? CONSTRAINTS.camera(this.#chosen.camera) : {}),
      ...(microphone ? CONSTRAINTS.microphone(this.#chosen.microphone) : {}),
    };
    try {
      return await navigator.mediaDevices.getUserMedia(constraints);
    } catch (error) {
      throw new DeviceError(error.name, await culprit(error, camera, microphone), error.message);
    }
  }

  /** Bring a device to what is wanted of it, after what is still under way. The last wish wins. */
  #renew(kind, anew = false) {
    const turn = (this.#turns[kind] += 1);
    this.#busy[kind] = this.#busy[kind].then(async () => {
      if (turn !== this.#turns[kind]) return;
      const open = this.#tracks[kind] !== null;
      if (open && (anew || !this.#wanted[kind])) this.#take(kind, null); // phones open one camera at a time
      if (!this.#wanted[kind] || (open && !anew)) return;
      try {
        const stream = await this.#open({ camera: kind === "camera", microphone: kind === "microphone" });
        const [track] = stream.getTracks();
        if (turn === this.#turns[kind]) this.#take(kind, track);
        else track.stop();
      } catch (error) {
        if (turn !== this.#turns[kind]) return;
        this.#wanted[kind] = false;
        this.#fail(error, false);
      }
      await this.#listDevices();
    });
    this.#watcher.changed();
    return this.#busy[kind];
  }

  #take(kind, track) {
    const before = this.#tracks[kind];
    if (before === null && track === null) return;
    if (before !== null) {
      before.onended = null;
      before.stop();
    }
    this.#tracks[kind] = track;
    if (track !== null) {
      this.#watcher.trace(`Using ${kind} device: ${track.label || "unnamed"}.`);
      if (kind !== "screen") track.onended = () => this.#lost(kind, track);
    }
    if (kind === "microphone") this.#sound.listen(track);
    const role = kind === "microphone" ? "audio" : kind;
    this.#watcher.feed(role, this.tracks()[role]);
    this.#watcher.changed();
  }

  #lost(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.#wanted[kind] = false;
    this.#take(kind, null);
    this.#fail(new DeviceError("DEVICE_LOST", kind), true);
  }

  #fail(error, lost) {
    this.#watcher.trace(`getUserMedia() error: ${error.name} (${error.kind})${error.message ? `: ${error.message}` : ""}`);
    this.#watcher.failed(error, lost);
    this.#watcher.changed();
  }

  async #listDevices() {
    try {
      this.devices = await navigator.mediaDevices.enumerateDevices();
    } catch {
      this.devices = [];
    }
    this.#watcher.changed();
  }
}

/** Which device an error of a question for both is about. */
async function culprit(error, camera, microphone) {
  if (camera && !microphone) return "camera";
  if (microphone && !camera) return "microphone";
  if (error.name === "OverconstrainedError") return "camera"; // the microphone is asked for nothing it could lack
  if (error.name !== "NotFoundError" && error.name !== "NotReadableError") return "devices";
  const kinds = (await navigator.mediaDevices.enumerateDevices()).map((device) => device.kind);
  const cameraThere = kinds.includes("videoinput");
  const microphoneThere = kinds.includes("audioinput");
  if (error.name === "NotFoundError" && cameraThere !== microphoneThere) return cameraThere ? "microphone" : "camera";
  if (error.name === "NotReadableError") {
    if (/video|camera/i.test(error.message)) return "camera";
    if (/audio|microphone/i.test(error.message)) return "microphone";
  }
  return "devices";
}
