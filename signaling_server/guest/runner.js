/** Runs one call machine: inbox -> machine -> effects, with its deadline, its connection and what is said about it. */

import { OF_THE_ENGINE, deadlineOf, handle, isLive, newCall } from "./call.js";
import { candidateFields, encode } from "./messages.js";
import { Peer } from "./peer.js";

const nowS = () => performance.now() / 1000;

/**
 * @typedef {object} Parts
 * @property {import("./place.js").Place} place where messages go out
 * @property {import("./verification.js").Verification} verification
 * @property {() => Record<string, MediaStreamTrack|null>} tracks what is sent
 * @property {() => object} status of the own side, for offers and answers
 * @property {(before: object, after: object) => void} changed called after every change of the call
 * @property {(event: object) => void} peerSays what the connection posts
 */
export class Runner {
  #parts;
  #inbox = [];
  #busy = false;
  #timer = null;
  /** @type {Peer|null} the present connection */
  peer = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.call = newCall();
    this.#parts = parts;
  }

  /** Handle an event now, or after the one that is being handled. @param {{type: string}} event */
  feed(event) {
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#inbox.length > 0) this.#step(this.#inbox.shift());
    } finally {
      this.#busy = false;
    }
  }

  /** Say something over the data channel. @param {string} message @returns {boolean} false: it takes none now */
  tell(message) {
    return this.peer?.send(message) ?? false;
  }

  /** The page is going away: say so, and close the connection. */
  goAway() {
    clearTimeout(this.#timer);
    if (isLive(this.call)) this.tell(encode("bye", { call_id: this.call.callId, reason: "HUNG_UP" }));
    this.peer?.close();
    this.peer = null;
  }

  #step(event) {
    const before = this.call;
    const [after, effects] = handle(before, event, nowS());
    this.call = after;
    if (deadlineOf(after) !== deadlineOf(before)) this.#setTimer();
    // a bye goes over the data channel, too, before that is closed
    const bye = effects.find((effect) => effect.type === "sendBye" && effect.callId === this.peer?.callId);
    if (bye) this.tell(encode("bye", { call_id: bye.callId, reason: bye.reason }));
    for (const effect of effects) this.#perform(effect, event);
    if (after !== before) this.#parts.changed(before, after);
  }

  #setTimer() {
    clearTimeout(this.#timer);
    const deadline = deadlineOf(this.call);
    if (deadline === null) return;
    const late = () => {
      if (nowS() < deadline) this.#setTimer(); // timers may fire a little early
      else this.feed({ type: "timeout" });
    };
    this.#timer = setTimeout(late, Math.max(0, (deadline - nowS()) * 1000));
  }

  #perform(effect, event) {
    const { place, verification } = this.#parts;
    const { callId, attempt } = effect;
    const about = { call_id: callId, attempt };
    switch (effect.type) {
      case "createOffer":
        this.#connect(callId, attempt, true).createOffer();
        break;
      case "createAnswer":
        this.#connect(callId, attempt, false).createAnswer(effect.sdp);
        break;
      case "applyAnswer":
        this.peer.applyAnswer(effect.sdp);
        verification.answered(event.message);
        break;
      case "addCandidate":
        this.peer.addCandidate(effect.candidate);
        break;
      case "closePeer":
        this.peer?.close();
        this.peer = null;
        break;
      case "sendOffer":
        place.say(this.#offer(about, effect.sdp));
        break;
      case "sendAnswer":
        place.say(this.#answer(about, effect.sdp));
        break;
      case "sendCandidate":
        place.say(encode("candidate", { ...about, ...candidateFields(effect.candidate) }));
        break;
      case "sendBye":
        place.say(encode("bye", { call_id: callId, reason: effect.reason }));
        break;
      case "sendRestart":
        place.say(encode("restart", about));
        break;
    }
  }

  #connect(callId, attempt, offering) {
    const { place, verification, tracks } = this.#parts;
    verification.begin(callId, attempt);
    const about = { callId, attempt, offering, iceServers: place.iceServers };
    this.peer = new Peer(about, tracks, (event) => {
      if (OF_THE_ENGINE.has(event.type)) this.feed(event);
      this.#parts.peerSays(event);
    });
    return this.peer;
  }

  async #offer(about, sdp) {
    const status = this.#parts.status();
    const commitment = await this.#parts.verification.commit(this.peer.fingerprints.own);
    return encode("offer", { ...about, sdp, status, commitment });
  }

  #answer(about, sdp) {
    const nonce = this.#parts.verification.accept(this.peer.fingerprints);
    return encode("answer", { ...about, sdp, status: this.#parts.status(), nonce });
  }
}
