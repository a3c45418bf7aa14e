/** Renders a view of the session into the page. Decides nothing; foreign text only ever becomes a text node. */

import { byId, setIcon, setLabel, setText, show } from "./dom.js";

const SETTING_UP = new Set(["offering", "calling", "answering", "connecting"]);
const IN_CALL = new Set(["connected", "reconnecting"]);
const TOAST_MS = 3000;
const TONE_ICONS = { info: "info", warning: "warning", error: "error" };

export class View {
  #words;
  #host;
  #act;
  #toastTimer = null;
  #shown = null; // what the banner shows now: an unchanged one is not read out again
  swapped = false; // the own picture is the large one in a call

  /**
   * @param {import("./strings.js").Words} words @param {string} host who serves this page
   * @param {(action: string) => void} act a banner's button was pressed
   */
  constructor(words, host, act) {
    this.#words = words;
    this.#host = host;
    this.#act = act;
  }

  /** @param {import("./strings.js").Words} words */
  speak(words) {
    this.#words = words;
    this.#shown = null;
    document.documentElement.lang = words.language;
    for (const element of document.querySelectorAll("[data-text]")) setText(element, words.text(element.dataset.text));
    for (const element of document.querySelectorAll("[data-label]")) setLabel(element, words.text(element.dataset.label));
    for (const element of document.querySelectorAll("[data-placeholder]")) {
      element.placeholder = words.text(element.dataset.placeholder);
    }
    setText(document.querySelector("#readyCard .trust span"), words.text("trustNote", { host: this.#host }));
  }

  /** @param {object} view of Session @param {{unread: number}} chat @param {boolean} canShare */
  render(view, chat, canShare) {
    document.body.dataset.call = view.call;
    document.body.classList.toggle("over", IN_CALL.has(view.call));
    this.#state(view);
    this.#buttons(view);
    this.#toggles(view, chat, canShare);
    this.#stage(view);
    this.#cards(view);
    this.#lock(view);
  }

  /** Something that went well, for three seconds. @param {string} text */
  toast(text) {
    setText(byId("toast"), text);
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => setText(byId("toast"), ""), TOAST_MS);
  }

  /** The timer, apart from the state: a screen reader need not hear every second. */
  tick(view) {
    const text = view?.since && IN_CALL.has(view.call) ? duration((Date.now() - view.since) / 1000) : "";
    setText(byId("timer"), view?.call === "connected" ? text : "");
  }

  /** @param {object} view @returns {string} the one line that says where the call is */
  stateWords(view) {
    return this.#words.text(stateKey(view));
  }

  #state(view) {
    setText(byId("state"), this.stateWords(view));
    this.tick(view);
    for (const [id, open, label] of [
      ["cameraDot", view.preview === "on" && !view.me.cameraOff, "cameraOpen"],
      ["microphoneDot", view.preview === "on" && !view.me.muted, "microphoneOpen"],
    ]) {
      show(byId(id), open);
      setLabel(byId(id), this.#words.text(label));
    }
    document.body.classList.toggle("sharing", view.me.sharing);
  }

  #buttons({ buttons, preview, busy, live }) {
    const texts = {
      startButton: [buttons.start, buttons.start ? "startHint" : "startDone"],
      callButton: [buttons.call, buttons.call ? "callHint" : preview === "on" || live || busy ? "callBusy" : "callNeedsStart"],
      hangupButton: [buttons.hangUp, buttons.hangUp ? "hangUpHint" : "hangUpIdle"],
    };
    for (const [id, [enabled, key]] of Object.entries(texts)) {
      byId(id).disabled = !enabled;
      byId(id).title = this.#words.text(key);
    }
  }

  #toggles(view, chat, canShare) {
    const ready = view.preview === "on";
    const { sharing } = view.me;
    const muted = ready && view.me.muted;
    const cameraOff = ready && view.me.cameraOff;
    this.#toggle("muteButton", ready, muted, muted ? "mic-off" : "mic", muted ? "unmute" : "mute");
    this.#toggle("cameraButton", ready, cameraOff, cameraOff ? "camera-off" : "camera", cameraOff ? "cameraOn" : "cameraOff");
    const shareKey = sharing ? "shareStop" : !canShare ? "shareMissing" : view.live ? "share" : "shareNeedsCall";
    const mayShare = sharing || (canShare && IN_CALL.has(view.call));
    this.#toggle("shareButton", mayShare, sharing, sharing ? "share-off" : "share", shareKey);
    const count = byId("chatButton").querySelector(".count");
    setText(count, chat.unread > 99 ? "99+" : String(chat.unread));
    show(count, chat.unread > 0);
    const chatText = chat.unread > 0 ? this.#words.text("chatUnread", { count: chat.unread }) : this.#words.text("chat");
    setLabel(byId("chatButton"), chatText);
    const full = document.fullscreenElement !== null;
    show(byId("fullScreenButton"), document.fullscreenEnabled === true);
    setIcon(byId("fullScreenButton"), full ? "full-screen-off" : "full-screen");
    setLabel(byId("fullScreenButton"), this.#words.text(full ? "fullScreenLeave" : "fullScreen"));
  }

  #toggle(id, enabled, pressed, icon, key) {
    const button = byId(id);
    button.disabled = !enabled;
    button.classList.toggle("on", pressed);
    setIcon(button, icon);
    setLabel(button, this.#words.text(key));
  }

  #stage(view) {
    const inCall = IN_CALL.has(view.call);
    const sharing = inCall && view.peer?.sharing === true;
    const main = sharing ? "screenView" : inCall && !this.swapped ? "remoteView" : "localView";
    const shown = { screenView: sharing, remoteView: inCall, localView: view.preview === "on" };
    for (const [id, visible] of Object.entries(shown)) {
      const element = byId(id);
      show(element, visible);
      element.classList.toggle("main", id === main);
      element.classList.toggle("tile", id !== main);
      element.classList.toggle("dim", view.call === "reconnecting" && id !== "localView");
    }
    byId("remoteView").classList.toggle("second", sharing);
    byId("localView").classList.toggle("mirrored", true);
    show(byId("localCard"), view.me.cameraOff);
    show(byId("localMuted"), inCall && view.me.muted);
    const name = view.peer?.name || this.#words.text("theirNoName");
    const off = view.peer?.cameraOff === true;
    show(byId("remoteCard"), off);
    const letters = initials(view.peer?.name ?? "");
    setText(byId("remoteCard").querySelector(".initials"), letters);
    show(byId("remoteCard").querySelector(".initials"), letters !== "");
    show(byId("remoteCard").querySelector(".icon"), letters === "");
    setText(byId("remoteCard").querySelector(".words"), `${name} · ${this.#words.text("theirCameraOff")}`);
    setText(byId("screenName").querySelector("span"), this.#words.text("theyShare", { name }));
    const pill = byId("remoteName");
    const muted = view.peer?.muted === true;
    show(pill, inCall && (muted || Boolean(view.peer?.name)));
    show(pill.querySelector(".icon"), muted);
    setLabel(pill.querySelector(".icon"), this.#words.text("theyMuted"));
    setText(pill.querySelector("span"), view.peer?.name || (muted ? this.#words.text("theyMuted") : ""));
    const trying = SETTING_UP.has(view.call) || view.call === "reconnecting" || (view.room === "peer" && !view.live && view.notice === null);
    show(byId("progress"), trying);
    setText(byId("progress").querySelector("span"), this.stateWords(view));
    show(byId("sharingChip"), view.me.sharing);
  }

  #cards(view) {
    const alone = view.room === "waiting" && !view.live;
    show(byId("readyCard"), view.preview === "off" && view.notice === null && !view.busy);
    show(byId("waitingCard"), alone && !view.own && view.notice === null);
    show(byId("inviteCard"), alone && view.own);
    if (view.own) byId("inviteLink").value = view.invite.link;
    this.#banner(view.notice);
  }

  #banner(notice) {
    if (notice === this.#shown) return;
    this.#shown = notice;
    const banner = byId("banner");
    show(banner, notice !== null);
    if (notice === null) return;
    const { tone, title, step, details } = this.#words.notice(notice);
    banner.dataset.tone = tone;
    setIcon(banner, TONE_ICONS[tone]);
    setText(banner.querySelector("h2"), title);
    setText(banner.querySelector("p"), step);
    show(banner.querySelector("details"), details !== "");
    setText(banner.querySelector("summary"), notice.error ?? "");
    setText(banner.querySelector("code"), details);
    banner.querySelector(".actions").replaceChildren(...notice.actions.map((action) => this.#actionButton(action)));
  }

  #actionButton(action) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.action = action;
    button.append(this.#words.text(action));
    button.addEventListener("click", () => this.#act(action));
    return button;
  }

  #lock({ lock }) {
    const button = byId("lockButton");
    show(button, lock !== "none");
    show(byId("brandName"), lock === "none");
    if (lock === "none") return;
    const key = { trusts_host: "lockTrusts", changed: "lockChanged", interference: "lockInterference" }[lock];
    button.dataset.lock = lock;
    setIcon(button, lock === "trusts_host" ? "lock" : "warning");
    setText(button.querySelector("span"), this.#words.text(key, { host: this.#host }));
    button.title = this.#words.text("lockTitle");
  }
}

function stateKey(view) {
  if (SETTING_UP.has(view.call)) return view.call === "answering" || view.call === "connecting" ? "stateConnecting" : "stateCalling";
  if (view.call === "connected") return "stateConnected";
  if (view.call === "reconnecting") return "stateReconnecting";
  if (view.room === "full") return "stateFull";
  if (view.busy && view.link === "lost") return "stateReconnecting";
  if (view.room === "waiting") return "stateWaiting";
  if (view.preview === "opening") return "stateStarting";
  if (view.call === "ended") return "stateEnded";
  if (view.room === "peer") return "stateConnecting";
  if (view.busy) return "stateJoining";
  return view.own ? "stateReadyOwn" : "stateReady";
}

/** `mm:ss`, from an hour on `h:mm:ss`. @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** @param {string} name @returns {string} up to two letters */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return "";
  const letters = words.length === 1 ? [...words[0]].slice(0, 1) : [[...words[0]][0], [...words.at(-1)][0]];
  return letters.join("").toLocaleUpperCase();
}
