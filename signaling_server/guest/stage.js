/** What the stage does by itself: shows pictures, lets tiles be dragged into a corner, hides the bars in a call. */

import { byId } from "./dom.js";

const IDLE_MS = 5000;
const DRAG_PX = 6;
const VIDEOS = { camera: "remoteVideo", screen: "remoteScreen" };

export class Stage {
  #remoteShown;
  #soundBlocked;
  #swap;
  #camera = new MediaStream(); // picture and sound of the other side
  #screen = new MediaStream();
  #idleTimer = null;

  /** @param {{remoteShown: (w: number, h: number) => void, soundBlocked: () => void, swap: () => void}} act */
  constructor({ remoteShown, soundBlocked, swap }) {
    this.#remoteShown = remoteShown;
    this.#soundBlocked = soundBlocked;
    this.#swap = swap;
    this.#letDrag(byId("localView"));
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      document.addEventListener(event, () => this.#awake(), { passive: true });
    }
    this.#awake();
  }

  /** The own camera's picture, or none. @param {MediaStreamTrack|null} track */
  showLocal(track) {
    const video = byId("localVideo");
    if ((video.srcObject?.getTracks()[0] ?? null) === track) return;
    video.srcObject = track === null ? null : new MediaStream([track]);
  }

  /** @param {"audio"|"camera"|"screen"} kind @param {MediaStreamTrack|null} track null: the call is over */
  showRemote(kind, track) {
    const stream = kind === "screen" ? this.#screen : this.#camera;
    const media = kind === "audio" ? "audio" : "video";
    for (const old of stream.getTracks()) if (old.kind === media) stream.removeTrack(old);
    if (track !== null) stream.addTrack(track);
    const video = byId(VIDEOS[kind] ?? VIDEOS.camera);
    if (stream.getTracks().length === 0) {
      video.srcObject = null;
      return;
    }
    if (video.srcObject !== stream) video.srcObject = stream;
    this.play();
    if (kind === "camera") this.#watchFirstPicture(video);
  }

  /** Browsers may refuse sound before the person has touched the page. */
  play() {
    for (const id of Object.values(VIDEOS)) {
      const video = byId(id);
      if (video.srcObject === null) continue;
      video.play().catch((error) => error.name === "NotAllowedError" && this.#soundBlocked());
    }
  }

  #watchFirstPicture(video) {
    const shown = () => this.#remoteShown(video.videoWidth, video.videoHeight);
    if (typeof video.requestVideoFrameCallback === "function") video.requestVideoFrameCallback(shown);
    else video.addEventListener("loadeddata", shown, { once: true });
  }

  // ---- the bars fade after a while without the mouse; the style sheet keeps them where somebody has the focus

  #awake() {
    document.body.classList.remove("idle");
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => document.body.classList.add("idle"), IDLE_MS);
  }

  // ---- the own picture: dragged, it snaps to a corner; pressed, it changes places with the other

  #letDrag(tile) {
    let grip = null;
    tile.addEventListener("pointerdown", (event) => {
      if (!tile.classList.contains("tile") || event.button !== 0) return;
      grip = { x: event.clientX, y: event.clientY, moved: false };
      tile.setPointerCapture(event.pointerId);
    });
    tile.addEventListener("pointermove", (event) => {
      if (grip === null) return;
      const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
      grip.moved ||= Math.hypot(dx, dy) > DRAG_PX;
      if (grip.moved) tile.style.transform = `translate(${dx}px, ${dy}px)`;
    });
    const drop = (event) => {
      if (grip === null) return;
      const { moved } = grip;
      grip = null;
      if (moved) snap(tile);
      else if (event.type === "pointerup") this.#swap();
      tile.style.transform = "";
    };
    tile.addEventListener("pointerup", drop);
    tile.addEventListener("pointercancel", drop);
  }
}

function snap(tile) {
  const stage = byId("stage").getBoundingClientRect();
  const box = tile.getBoundingClientRect();
  const right = box.left + box.width / 2 > stage.left + stage.width / 2;
  const bottom = box.top + box.height / 2 > stage.top + stage.height / 2;
  byId("stage").dataset.corner = `${bottom ? "bottom" : "top"}-${right ? "right" : "left"}`;
}
