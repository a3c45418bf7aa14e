/**
 * Runs one call of this page: what the person wants, what the link and the peer connection say, and what the call
 * machine makes of it. Everything that the page may show is the frozen value `view`; the page only renders it.
 */

import { isLive } from "./call.js";
import { Chat } from "./chat.js";
import { randomHex } from "./bytes.js";
import { MessageError, ON_CHANNEL, SEALED, candidateIn, decode, encode } from "./messages.js";
import { Place } from "./place.js";
import { Runner } from "./runner.js";
import { Verification } from "./verification.js";
import { buttonsOf, endNotice, startActions } from "./view_state.js";

/** @typedef {import("./media.js").Media} Media @typedef {import("./invite.js").Invite} Invite */

export class Session {
  #media;
  #render;
  #trace;
  #remoteTrack;
  #place = new Place((event) => this.#onLink(event));
  #runner;
    #verification = new Verification(
    (message) => this.#place.say(message),
    (sas) => this.#set({ sas }),
    () => this.#interference(),
  );
  #setupFrom = null;
  #told = "";
  #state;

  /**
   * @param {{invite: Invite, media: Media, render: (view: object) => void, trace: (text: string) => void,
   *   remoteTrack: (kind: string, track: MediaStreamTrack|null) => void}} parts
   */
  constructor({ invite, media, render, trace, remoteTrack }) {
    this.#media = media;
    this.#render = render;
    this.#trace = trace;
    this.#remoteTrack = remoteTrack;
    this.#runner = new Runner({
      place: this.#place,
      verification: this.#verification,
      tracks: () => media.tracks(),
      status: () => this.#status(),
      changed: (before, after) => this.#callChanged(before, after),
      peerSays: (event) => this.#onPeer(event),
    });
    this.chat = new Chat((json) => this.#runner.tell(json), () => this.#publish());
    this.#state = {
      invite,
      own: false, // the room was made by this page
      room: "none", // none | waiting | peer | full
      link: "offline", // offline | connecting | online | lost
      name: "",
      peer: null, // {name, muted, cameraOff, sharing, pictureShown}
      since: null, // ms of Date.now() of the first connection of this call
      notice: null, // {code, actions, error?, kind?, detail?}
      lock: "none", // none | trusts_host | changed | interference
      sas: null, // {digits, emoji}
    };
    this.#publish();
  }

  // ---- what the person wants

  /** Open camera and microphone, or one of them. */
  start(wanted = { camera: true, microphone: true }) {
    this.#set({ notice: null });
    return this.#media.start(wanted);
  }

  /** The Call button: join the room, then call whoever is there or wait. */
  call() {
    if (!this.view.buttons.call) return;
    this.#setupFrom = performance.now();
    this.#trace("Starting call.");
    this.#set({ notice: null });
    if (!this.#place.busy) this.#join();
    else if (this.#place.peerAgent === "browser") this.#offerCall(); // the other one is still in the room
    else this.#place.hello();
  }

  /** The Hang Up button: end the call or stop waiting, and leave the room. The preview goes on. */
  hangUp() {
    if (!this.view.buttons.hangUp) return;
    this.#trace("Ending call.");
    this.#runner.feed({ type: "hangUp" });
    this.#leave();
    this.#set({ notice: { code: "YOU_LEFT", actions: ["REJOIN", "NEW_ROOM"] } });
  }

  /** Another room on the same server, and wait in it. */
  newRoom() {
    this.#leave();
    this.#set({ invite: this.#state.invite.another(), own: true, notice: null });
    this.call();
  }

  async share(on) {
    if (!on) this.#media.stopSharing();
    else if (isLive(this.#runner.call)) await this.#media.share();
  }

  rename(name) {
    this.#set({ name: name.trim().slice(0, 64) });
    this.#tellStatus();
  }

  dismiss() {
    this.#set({ notice: null });
  }

  /** The browser plays no sound before the person has pressed something. */
  soundBlocked() {
    this.#set({ notice: { code: "SOUND_BLOCKED", actions: ["PLAY"] } });
  }

  /** The page is going away: say so with what still goes out at once. */
  goAway() {
    this.#runner.goAway();
    this.#place.leaveAtOnce();
    this.#media.close();
  }

  /** The network is back, or another one: do not wait for the old connection to be noticed dead. */
  networkChanged() {
    this.#place.renew();
  }

  // ---- what the page and the devices say

  /** A picture of the other side was painted; the first of a call ends its set-up. */
  remoteShown(widthPx, heightPx) {
    const { peer } = this.#state;
    if (!isLive(this.#runner.call) || peer?.pictureShown) return;
    this.#trace(`remoteVideo videoWidth: ${widthPx}px, videoHeight: ${heightPx}px.`);
    if (this.#setupFrom !== null) {
      this.#trace(`Setup time: ${(performance.now() - this.#setupFrom).toFixed(3)}ms.`);
      this.#setupFrom = null;
    }
    this.#set({ peer: { ...(peer ?? NOBODY), pictureShown: true } });
  }

  /** @returns {import("./media.js").Watcher} what the devices tell this session */
  watcher() {
    return {
      changed: () => {
        this.#tellStatus();
        this.#publish();
      },
      feed: (kind, track) => this.#runner.peer?.replaceTrack(kind, track),
      failed: (error, lost) => {
        const notice = { code: "DEVICE", error: error.name, kind: error.kind, detail: error.message };
        this.#set({ notice: { ...notice, actions: lost ? ["DEVICES"] : startActions(error, this.#media.preview) } });
      },
      asking: () => this.#set({ notice: { code: "PERMISSION_PENDING", actions: [] } }),
      trace: this.#trace,
    };
  }

  // ---- the room

  #join() {
    this.#set({ link: "connecting" });
    this.#place.join(this.#state.invite);
  }

  #leave(room = "none") {
    this.#place.leave();
    this.#set({ room, link: "offline", lock: "none" });
  }

  #onLink(event) {
    switch (event.type) {
      case "joined":
      case "restored":
        if (event.type === "restored") this.#runner.feed({ type: "linkRestored", peerPresent: event.peerPresent });
        this.#dropNotice("SERVER_LOST");
        this.#set({ link: "online", room: event.peerPresent ? "peer" : "waiting" });
        break;
      case "peerJoined":
        if (!event.again) this.#peerCame();
        break;
      case "peerLeft":
        this.#runner.feed({ type: "peerLeft" });
        this.#set({ room: "waiting" });
        break;
      case "received":
        this.#dropNotice("OTHER_LINK");
        this.#onText(event.text, SEALED);
        break;
      case "lost":
        this.#runner.feed({ type: "linkLost" });
        this.#set({ link: "lost" });
        if (!isLive(this.#runner.call)) this.#set({ notice: { code: "SERVER_LOST", actions: [] } });
        break;
      case "full":
        this.#trace("join failed: the room is full");
        this.#leave("full");
        this.#set({ notice: { code: "ROOM_FULL", actions: ["REJOIN", "NEW_ROOM"] } });
        break;
      case "failed":
        this.#trace(`join failed: ${event.code}`);
        this.#runner.feed({ type: "linkLost" });
        this.#leave();
        this.#set({ notice: { code: event.code, actions: ["REJOIN", "NEW_ROOM"] } });
        break;
      case "otherLink":
        this.#set({ notice: { code: "OTHER_LINK", actions: ["DISMISS"] } });
        break;
      case "tampered":
        this.#tampered(event.kind);
        break;
      case "serverNotice":
        this.#trace(`server: ${event.text}`);
        break;
    }
  }

  #peerCame() {
    this.#runner.feed({ type: "peerJoined" });
    this.#set({ room: "peer" });
    if (isLive(this.#runner.call)) return;
    this.#setupFrom = performance.now();
    this.#dropNotice("PEER_LEFT", "PEER_LOST");
  }

  #tampered(kind) {
    this.#trace(`a message through the server was not sealed by the other side and was dropped (${kind})`);
    if (kind === "other_link") this.#set({ notice: { code: "OTHER_LINK", actions: ["DISMISS"] } });
    else this.#interference();
  }

  #interference() {
    this.#set({ lock: "interference", sas: null, notice: { code: "INTERFERENCE", actions: ["DISMISS"] } });
  }

  /** Without a connection; interference is remembered as long as we stay in the room. */
  #lockAtRest() {
    return this.#state.lock === "interference" ? "interference" : "none";
  }

  /** Towards a browser: who came second makes the offer. */
  #offerCall() {
    this.#runner.feed({ type: "place", callId: randomHex(8) });
  }

  // ---- messages of the other side

  #onText(text, allowed) {
    let message;
    try {
      message = decode(text);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#trace(`dropped: ${error.message}`);
      if (error.code === "UNSUPPORTED_VERSION") this.#set({ notice: { code: error.code, actions: ["DISMISS"] } });
      return;
    }
    if (allowed.has(message.type)) this.#onMessage(message);
    else this.#trace(`dropped: a message of type ${message.type} came the wrong way`);
  }

  #onMessage(message) {
    const about = { callId: message.call_id, attempt: message.attempt };
    switch (message.type) {
      case "hello":
        this.#place.peerAgent = message.agent;
        if (this.#place.isOurCall && !isLive(this.#runner.call)) this.#offerCall();
        break;
      case "status":
        this.#peerTells(message);
        break;
      case "offer":
        this.#verification.offered(message);
        this.#runner.feed({ type: "offerReceived", ...about, sdp: message.sdp });
        this.#peerTells(message.status);
        break;
      case "answer":
        this.#runner.feed({ type: "answerReceived", ...about, sdp: message.sdp, message });
        this.#peerTells(message.status);
        break;
      case "reveal":
        this.#verification.revealed(message);
        break;
      case "candidate":
        this.#runner.feed({ type: "candidateReceived", ...about, candidate: candidateIn(message) });
        break;
      case "bye":
        this.#runner.feed({ type: "byeReceived", callId: message.call_id, reason: message.reason });
        break;
      case "restart":
        this.#runner.feed({ type: "restartReceived", ...about });
        break;
      case "chat":
        this.chat.received(message);
        break;
      case "chat_ack":
        this.chat.acknowledged(message.id);
        break;
    }
  }

  #peerTells({ name, muted, camera_off: cameraOff, sharing }) {
    const told = { name: name ?? "", muted: muted === true, cameraOff: cameraOff === true, sharing: sharing === true };
    if (isLive(this.#runner.call)) this.#set({ peer: { ...(this.#state.peer ?? NOBODY), ...told } });
  }

  // ---- the call

  #onPeer(event) {
    switch (event.type) {
      case "trace":
        this.#trace(event.text);
        break;
      case "remoteTrack":
        this.#remoteTrack(event.kind, this.#runner.peer.remote[event.kind]);
        break;
      case "channel":
        this.chat.channel(event.open);
        if (event.open) this.#tellStatus(true);
        break;
      case "message":
        this.#onText(event.text, ON_CHANNEL);
        break;
      case "peerFailed":
        this.#place.renew(); // it may be the network, and the link with it
    }
  }

  #callChanged(before, after) {
    if (after.callId !== before.callId) {
      this.chat.begin();
      this.#set({ peer: NOBODY, since: null, sas: null, lock: this.#lockAtRest() });
      this.#setupFrom ??= performance.now();
    }
    if (after.state === "reconnecting") this.chat.channel(false); // what is written now waits for the next one
    if (after.state === "connected" && before.state !== "connected") this.#connected(after.callId);
    if (after.state === "ended" && before.state !== "ended") this.#ended(after.reason, before.state);
    this.#publish();
  }

  #connected(callId) {
    const changed = this.#verification.connected(callId, this.#runner.peer.fingerprints.peer);
    if (this.#state.lock !== "interference") {
      if (changed) this.#trace("the other side has another certificate than before");
      this.#set({ lock: changed || this.#state.lock === "changed" ? "changed" : "trusts_host" });
    }
    this.#set({ since: this.#state.since ?? Date.now() });
    this.#tellStatus(true);
  }

  #ended(reason, before) {
    this.#trace(`Call ended: ${reason}.`);
    this.#media.stopSharing();
    this.chat.end();
    this.#setupFrom = null;
    for (const kind of ["audio", "camera", "screen"]) this.#remoteTrack(kind, null);
    this.#set({ peer: null, since: null, sas: null, lock: this.#lockAtRest() });
    const notice = endNotice(reason, before, this.#place.busy);
    if (notice !== null && this.#state.notice?.code !== "INTERFERENCE") this.#set({ notice });
  }

  // ---- towards the other side

  #status() {
    const { muted, cameraOff, screen } = this.#media;
    return { name: this.#state.name, muted, camera_off: cameraOff, sharing: screen !== null };
  }

  #tellStatus(again = false) {
    const message = encode("status", this.#status());
    if (!isLive(this.#runner.call) || (message === this.#told && !again)) return;
    this.#told = message;
    if (!this.#runner.tell(message)) this.#place.say(message);
  }

  // ---- towards the page

  #set(changes) {
    this.#state = { ...this.#state, ...changes };
    this.#publish();
  }

  #dropNotice(...codes) {
    if (codes.includes(this.#state.notice?.code)) this.#set({ notice: null });
  }

  #publish() {
    const { state: call, reason } = this.#runner.call;
    const { busy } = this.#place;
    const { preview, muted, cameraOff, screen } = this.#media;
    const me = { muted, cameraOff, sharing: screen !== null };
    const buttons = buttonsOf(preview, isLive(this.#runner.call), this.#state.room, busy);
    this.view = Object.freeze({ ...this.#state, call, reason, live: isLive(this.#runner.call), preview, me, buttons, busy });
    this.#render(this.view);
  }
}

const NOBODY = Object.freeze({ name: "", muted: false, cameraOff: false, sharing: false, pictureShown: false });
