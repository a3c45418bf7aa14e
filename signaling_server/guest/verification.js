/**
 * Who is at the other end of one connection: the exchange behind the short authentication string (sas.js), for one
 * attempt of a call, in the role of its offerer or answerer.
 */

import { fromHex, random, toHex } from "./bytes.js";
import { authenticationString, commitment } from "./sas.js";

export class Verification {
  #offering;
  #nonce = random(16);
  #own = null;
  #peer = null;
  #commitment = null;

  /** @param {boolean} offering */
  constructor(offering) {
    this.#offering = offering;
  }

  /** As answerer: the offerer has promised a nonce, and has not shown it yet. */
  get isExpecting() {
    return !this.#offering && this.#commitment !== null;
  }

  /** For the answer, or to reveal once the answer has come. */
  get nonce() {
    return toHex(this.#nonce);
  }

  /** As offerer: what the offer carries. @param {Uint8Array} own fingerprint @returns {Promise<string>} */
  commit(own) {
    this.#own = own;
    return commitment(this.#nonce, own);
  }

  /**
   * As answerer: both certificates, and what the offer carried.
   * @param {Uint8Array} own @param {Uint8Array} peer @param {string} promised
   */
  expect(own, peer, promised) {
    this.#own = own;
    this.#peer = peer;
    this.#commitment = promised;
  }

  /**
   * As offerer: the answer has come. @param {Uint8Array} peer @param {string} nonce of the answerer
   * @returns {Promise<{digits: string, emoji: number[]}>}
   */
  conclude(peer, nonce) {
    return authenticationString(
      { nonce: this.#nonce, fingerprint: this.#own },
      { nonce: fromHex(nonce), fingerprint: peer },
    );
  }

  /**
   * As answerer: the offerer reveals its nonce. @param {string} nonce
   * @returns {Promise<{digits: string, emoji: number[]}|null>} null: it is not what was promised: interference
   */
  async revealed(nonce) {
    const promised = this.#commitment;
    this.#commitment = null; // it counts once
    if ((await commitment(fromHex(nonce), this.#peer)) !== promised) return null;
    return authenticationString(
      { nonce: fromHex(nonce), fingerprint: this.#peer },
      { nonce: this.#nonce, fingerprint: this.#own },
    );
  }
}
