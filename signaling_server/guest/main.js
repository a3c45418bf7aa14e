/** The composition root of the guest page: reads the link, builds the parts, ties them to the elements. */

import { Dialogs } from "./dialogs.js";
import { byId, setText, show } from "./dom.js";
import { InviteError, inviteOf, pastedLink } from "./invite.js";
import { Media } from "./media.js";
import { Panel } from "./panel.js";
import { prepare } from "./peer.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";
import { Words, bestLanguage } from "./strings.js";
import { View } from "./view.js";

const LEVEL_MS = 100;
const TICK_MS = 250;
const KEYS = { m: "muteButton", v: "cameraButton", s: "shareButton", c: "chatButton", f: "fullScreenButton" };

class Page {
  #words = new Words(bestLanguage(navigator.languages));
  #view = new View(this.#words, location.host, (action) => this.#act(action));
  #panel = new Panel(this.#words, (text) => this.#copy(text), () => this.#render());
  #watcher = null;
  #media = new Media({
    changed: () => this.#watcher?.changed(),
    feed: (kind, track) => this.#watcher?.feed(kind, track),
    failed: (error, lost) => this.#watcher?.failed(error, lost),
    asking: () => this.#watcher?.asking(),
    trace: (text) => this.#trace(text),
  });
  #stage = new Stage({
    remoteShown: (widthPx, heightPx) => this.#session?.remoteShown(widthPx, heightPx),
    soundBlocked: () => this.#session?.soundBlocked(),
    swap: () => {
      this.#view.swapped = !this.#view.swapped;
      this.#render();
    },
  });
  #dialogs = new Dialogs(this.#words, location.host, this.#media, {
    language: (name) => this.#speak(new Words(name)),
    rename: (name) => this.#session?.rename(name),
  });
  #session = null;
  #problem = null; // why there is no session: a notice's code
  #unread = 0; // messages, as last announced
  #wakeLock = null;

  open() {
    this.#speak(this.#words);
    show(byId("app"), true);
    try {
      this.#begin(inviteOf(location));
    } catch (error) {
      if (!(error instanceof InviteError)) throw error;
      this.#askForLink(error.code);
    }
    history.replaceState(null, "", location.pathname); // the secret stays in memory only
    this.#listen();
    this.#render();
  }

  #begin(invite) {
    if (!window.isSecureContext) return this.#askForLink("INSECURE");
    if (typeof RTCPeerConnection !== "function" || !navigator.mediaDevices) return this.#askForLink("NO_WEBRTC");
    prepare().catch(() => {}); // a first call tries again, and says so
    this.#session = new Session({
      invite,
      media: this.#media,
      render: () => this.#render(),
      trace: (text) => this.#trace(text),
      remoteTrack: (kind, track) => this.#stage.showRemote(kind, track),
    });
    this.#watcher = this.#session.watcher();
    this.#panel.attach(this.#session);
  }

  // ---- without a usable link

  #askForLink(code) {
    this.#problem = code;
    this.#renderProblem();
    byId("linkForm").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#openPasted(byId("pastedLink").value);
    });
  }

  #openPasted(text) {
    try {
      const url = pastedLink(text);
      if (url.origin !== location.origin) {
        location.assign(url);
        return;
      }
      history.replaceState(null, "", url.pathname);
      this.#problem = null;
      show(byId("linkForm"), false);
      this.#begin(inviteOf(url));
      this.#render();
    } catch (error) {
      if (!(error instanceof InviteError)) throw error;
      const { title, step } = this.#words.notice({ code: "BAD_LINK" });
      setText(byId("linkProblem"), `${title} ${step}`);
    }
  }

  #renderProblem() {
    const form = byId("linkForm");
    const { title, step } = this.#words.notice({ code: this.#problem });
    setText(form.querySelector("h1"), title);
    setText(form.querySelector("p"), step);
    show(form.querySelector(".row"), this.#problem !== "NO_WEBRTC" && this.#problem !== "INSECURE");
    show(form, true);
  }

  // ---- what the page shows

  #speak(words) {
    this.#words = words;
    this.#view.speak(words);
    this.#panel.speak(words);
    this.#dialogs.speak(words);
    if (this.#problem !== null) this.#renderProblem();
    this.#render();
  }

  #render() {
    if (this.#session === null) {
      setText(byId("state"), this.#problem === null ? "" : "CallApp");
      return;
    }
    const { view } = this.#session;
    if (view === undefined) return; // while it is being built
    this.#view.render(view, this.#session.chat, this.#media.canShare);
    this.#panel.renderChat();
    this.#announceChat(this.#session.chat, view);
    this.#stage.showLocal(this.#media.camera);
    this.#dialogs.renderDevices();
    this.#dialogs.renderLock(view);
    this.#keepAwake(view.live);
    const path = `/${view.invite.room}`;
    if (location.pathname !== path) history.replaceState(null, "", path); // a new room; never its secret
  }

  #announceChat({ unread }, view) {
    const name = view.peer?.name || this.#words.text("theirNoName");
    if (unread > this.#unread) this.#view.toast(this.#words.text("chatNew", { name }));
    this.#unread = unread;
  }

  #trace(text) {
    const line = `${(performance.now() / 1000).toFixed(3)} ${text}`;
    console.log(line);
    this.#panel.log(line);
  }

  /** No phone's screen goes dark in a call. */
  async #keepAwake(live) {
    if (live && this.#wakeLock === null && navigator.wakeLock && document.visibilityState === "visible") {
      this.#wakeLock = navigator.wakeLock.request("screen").catch(() => null);
      const lock = await this.#wakeLock;
      lock?.addEventListener("release", () => (this.#wakeLock = null));
    } else if (!live && this.#wakeLock !== null) {
      const lock = await this.#wakeLock;
      this.#wakeLock = null;
      await lock?.release();
    }
  }

  // ---- what the person does

  #listen() {
    const on = (id, action) => byId(id).addEventListener("click", () => this.#session !== null && action());
    on("startButton", () => this.#session.start());
    on("callButton", () => this.#session.call());
    on("hangupButton", () => this.#session.hangUp());
    on("muteButton", () => this.#toggle("microphone"));
    on("cameraButton", () => this.#toggle("camera"));
    on("shareButton", () => this.#toggleShare());
    on("stopSharing", () => this.#session.share(false));
    on("chatButton", () => this.#panel.toggle("chat"));
    on("copyButton", () => this.#copy(byId("inviteLink").value));
    on("lockButton", () => this.#dialogs.open("lockDialog"));
    byId("logButton").addEventListener("click", () => this.#panel.toggle("log"));
    byId("devicesButton").addEventListener("click", () => this.#dialogs.open("devicesDialog"));
    byId("helpButton").addEventListener("click", () => this.#dialogs.open("helpDialog"));
    byId("fullScreenButton").addEventListener("click", () => this.#toggleFullScreen());
    document.addEventListener("fullscreenchange", () => this.#render());
    document.addEventListener("visibilitychange", () => this.#render());
    document.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("online", () => this.#session?.networkChanged());
    window.addEventListener("pagehide", () => this.#session?.goAway());
    setInterval(() => this.#session !== null && this.#view.tick(this.#session.view), TICK_MS);
    setInterval(() => byId("muteButton").style.setProperty("--level", this.#media.level.toFixed(2)), LEVEL_MS);
  }

  /** Single letters, as in the app; none of them while typing or with a modifier. */
  #key(event) {
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (event.key === "Escape" && this.#panel.open !== null && !document.querySelector("dialog[open]")) {
      this.#panel.toggle(this.#panel.open);
      return;
    }
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    // a Korean layout types ㅡ where others type m: then the place of the key counts
    const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace("Key", "").toLowerCase();
    const id = event.key === "?" ? "helpButton" : KEYS[letter];
    if (id === undefined) return;
    event.preventDefault();
    byId(id).click(); // does nothing while it is disabled
  }

  #toggle(kind) {
    const { me } = this.#session.view;
    this.#media.enable(kind, kind === "microphone" ? me.muted : me.cameraOff);
  }

  #toggleShare() {
    this.#session.share(!this.#session.view.me.sharing);
  }

  async #toggleFullScreen() {
    try {
      if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
      else await document.exitFullscreen();
    } catch (error) {
      this.#trace(`full screen: ${error.name}`);
    }
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#view.toast(this.#words.text("copied"));
    } catch {
      byId("inviteLink").select(); // then by hand
    }
  }

  #act(action) {
    const session = this.#session;
    const actions = {
      TRY_AGAIN: () => session.start(),
      SOUND_ONLY: () => session.start({ camera: false, microphone: true }),
      NO_MICROPHONE: () => session.start({ camera: true, microphone: false }),
      WATCH_ONLY: () => session.start({ camera: false, microphone: false }),
      DEVICES: () => this.#dialogs.open("devicesDialog"),
      REJOIN: () => session.call(),
      CALL: () => session.call(),
      NEW_ROOM: () => session.newRoom(),
      DISMISS: () => session.dismiss(),
      PLAY: () => {
        session.dismiss();
        this.#stage.play();
      },
    };
    actions[action]();
  }
}

new Page().open();
