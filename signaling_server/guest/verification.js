/**
 * Who is at the other end: the exchange behind the short authentication string (sas.js), beside the offers and answers
 * of a session, and the other side's certificate, which must stay the same as long as a call lives.
 */

import { fromHex, random, toHex } from "./bytes.js";
import { fingerprintOf } from "./description.js";
import { encode } from "./messages.js";
import { authenticationString, commitment } from "./sas.js";

/** @typedef {{digits: string, emoji: number[]}} Sas */

export class Verification {
  #say;
  #show;
  #interfere;
  #offer = null; // the last one received
  #attempt = null; // {callId, attempt, nonce, own, peer, promised}: of the present connection
  #known = null; // {callId, fingerprint} of the peer that was connected last

  /**
   * @param {(message: string) => void} say to the other side, through the server
   * @param {(sas: Sas) => void} show @param {() => void} interfere somebody plays with the messages
   */
  constructor(say, show, interfere) {
    this.#say = say;
    this.#show = show;
    this.#interfere = interfere;
  }

  /** Another connection is being made. @param {string} callId @param {number} attempt */
  begin(callId, attempt) {
    this.#attempt = { callId, attempt, nonce: random(16), own: null, peer: null, promised: null };
  }

  /** @param {Uint8Array} own fingerprint @returns {Promise<string>} what our offer carries */
  commit(own) {
    this.#attempt.own = own;
    return commitment(this.#attempt.nonce, own);
  }

  /** @param {object} offer of the other side */
  offered(offer) {
    this.#offer = offer;
  }

  /** @param {{own: Uint8Array, peer: Uint8Array}} fingerprints @returns {string} what our answer carries */
  accept({ own, peer }) {
    const promised = this.#offer?.commitment ?? null;
    Object.assign(this.#attempt, { own, peer, promised });
    return toHex(this.#attempt.nonce);
  }

  /** Our offer was answered: reveal our nonce, and show the string. @param {object} answer */
  answered({ call_id, attempt, nonce, sdp }) {
    if (typeof nonce !== "string") return; // of somebody who does not know the exchange
    const present = this.#attempt;
    this.#say(encode("reveal", { call_id, attempt, nonce: toHex(present.nonce) }));
    this.#compute(present, () =>
      authenticationString(
        { nonce: present.nonce, fingerprint: present.own },
        { nonce: fromHex(nonce), fingerprint: fingerprintOf(sdp) },
      ),
    );
  }

  /** The offerer shows its nonce: it must be the one that it promised. @param {object} reveal */
  revealed({ call_id, attempt, nonce }) {
    const present = this.#attempt;
    if (present?.callId !== call_id || present.attempt !== attempt || present.promised === null) return;
    const { promised } = present;
    present.promised = null; // it counts once
    this.#compute(present, async () => {
      const offerer = { nonce: fromHex(nonce), fingerprint: present.peer };
      if ((await commitment(offerer.nonce, offerer.fingerprint)) !== promised) return null;
      return authenticationString(offerer, { nonce: present.nonce, fingerprint: present.own });
    });
  }

  /**
   * A connection stands. @param {string} callId @param {Uint8Array} fingerprint of the other side
   * @returns {boolean} whether the other side of this call had another certificate before
   */
  connected(callId, fingerprint) {
    const before = this.#known;
    this.#known = { callId, fingerprint };
    return before?.callId === callId && toHex(before.fingerprint) !== toHex(fingerprint);
  }

  async #compute(present, make) {
    // a description that cannot be used ends the call by itself
    const sas = await make().catch(() => undefined);
    if (sas === undefined || present !== this.#attempt) return;
    if (sas === null) this.#interfere();
    else this.#show(sas);
  }
}
