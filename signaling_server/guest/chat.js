/**
 * Text chat of one call over the data channel. A message stays `sending` until the other side has acknowledged it;
 * what was not acknowledged when a connection was lost goes out again over the next one, under the same id.
 */

import { randomHex } from "./bytes.js";
import { MAX_CHAT_CHARS, encode } from "./messages.js";

const MAX_MESSAGES = 1000; // of one call; beyond that the oldest delivered ones are dropped
const MAX_WAITING = 50; // not acknowledged
const MAX_BYTES = 15 * 1024; // what an app takes from the data channel, less than its 16 KiB

/** Why a text was not taken. */
export const Refusal = Object.freeze({ CLOSED: "closed", FULL: "full", EMPTY: "empty", TOO_LONG: "too_long" });

/**
 * @typedef {{id: string, mine: boolean, text: string, at: number, state: "sending"|"delivered"|"failed"|"received"}} Line
 * `at` is Unix s.
 */
export class Chat {
  #send;
  #changed;
  /** @type {Line[]} */
  #lines = [];
  #open = false;

  /** @param {(json: string) => boolean} send over the data channel @param {() => void} changed */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
    this.unread = 0;
    this.reading = false; // the panel is open
  }

  get open() {
    return this.#open;
  }

  /** @returns {readonly Line[]} */
  get lines() {
    return this.#lines;
  }

  /** Another call: its history begins empty. */
  begin() {
    this.#lines = [];
    this.unread = 0;
    this.#open = false;
    this.#changed();
  }

  /** The call is over: what was not acknowledged will not arrive. */
  end() {
    this.#open = false;
    this.#lines = this.#lines.map((line) => (line.state === "sending" ? { ...line, state: "failed" } : line));
    this.#changed();
  }

  /** The data channel opened or closed. @param {boolean} open */
  channel(open) {
    this.#open = open;
    if (open) {
      for (const line of this.#lines) if (line.state === "sending") this.#transmit(line);
    }
    this.#changed();
  }

  /**
   * @param {string} text @param {number} at Unix s
   * @returns {string|null} null: it is on its way; else why it was not taken, and nothing has happened
   */
  say(text, at) {
    const tidy = text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, " ").trim();
    if (tidy === "") return Refusal.EMPTY;
    const line = { id: randomHex(8), mine: true, text: tidy, at, state: "sending" };
    if ([...tidy].length > MAX_CHAT_CHARS) return Refusal.TOO_LONG;
    if (new Blob([json(line)]).size > MAX_BYTES) return Refusal.TOO_LONG;
    if (!this.#open) return Refusal.CLOSED;
    if (this.#lines.filter((other) => other.state === "sending").length >= MAX_WAITING) return Refusal.FULL;
    if (!this.#transmit(line)) return Refusal.FULL;
    this.#add(line);
    return null;
  }

  /** A message of the other side. @param {{id: string, text: string, at: number}} message */
  received({ id, text, at }) {
    this.#send(encode("chat_ack", { id }));
    if (this.#lines.some((line) => !line.mine && line.id === id)) return; // sent again after a reconnect
    if (!this.reading) this.unread += 1;
    this.#add({ id, mine: false, text, at, state: "received" });
  }

  /** @param {string} id of a message that the other side has */
  acknowledged(id) {
    this.#lines = this.#lines.map((line) => (line.mine && line.id === id ? { ...line, state: "delivered" } : line));
    this.#changed();
  }

  /** The panel opened or closed. @param {boolean} reading */
  read(reading) {
    this.reading = reading;
    if (reading) this.unread = 0;
    this.#changed();
  }

  #add(line) {
    this.#lines = [...this.#lines, line];
    if (this.#lines.length > MAX_MESSAGES) this.#lines = this.#lines.slice(-MAX_MESSAGES);
    this.#changed();
  }

  #transmit(line) {
    return this.#send(json(line));
  }
}

function json(line) {
  return encode("chat", { id: line.id, text: line.text, at: line.at });
}
