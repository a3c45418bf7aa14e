/**
 * Invite links as a page gets them: https://HOST:PORT/ROOM#SECRET[.PIN], http for this computer.
 *
 * ROOM is 16 random characters of a-z2-7, or a name that people chose; SECRET is 16 bytes in base64url (22
 * characters). The fragment is never sent to a server. The pin is for apps; a browser checks certificates itself.
 */

import { fromBase64url, random, toBase64url } from "./bytes.js";

const SECRET_BYTES = 16;
const PIN_BYTES = 32;
const ROOM_CHARS = 16;
const ROOM_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const ROOM = /^[A-Za-z0-9-]{1,64}$/;
const MAX_LINK_CHARS = 500;
const WRAPPING = /^[<>()[\]{}"'`“”‘’«»„\s\u200b\u2060\ufeff]+|[<>()[\]{}"'`“”‘’«»„\s\u200b\u2060\ufeff]+$/g;

/** Why a link cannot be used; `code` is one of NO_ROOM, NO_SECRET, BAD_LINK. */
export class InviteError extends Error {
  /** @param {"NO_ROOM"|"NO_SECRET"|"BAD_LINK"} code */
  constructor(code) {
    super(code);
    this.name = "InviteError";
    this.code = code;
  }
}

/** A room on the server that the page came from, with its secret. Its text is the link: never log it. */
export class Invite {
  /** @param {string} origin @param {string} room @param {Uint8Array} secret @param {string} pin "" if none */
  constructor(origin, room, secret, pin) {
    this.origin = origin;
    this.room = room;
    this.secret = secret;
    this.pin = pin;
  }

  get link() {
    return `${this.origin}/${this.room}#${toBase64url(this.secret)}${this.pin ? `.${this.pin}` : ""}`;
  }

  /** Another room on the same server, that nobody else knows. */
  another() {
    const room = Array.from(random(ROOM_CHARS), (byte) => ROOM_ALPHABET[byte % ROOM_ALPHABET.length]).join("");
    return new Invite(this.origin, room, random(SECRET_BYTES), this.pin);
  }
}

/** @param {URL|Location} url @returns {Invite} Throws InviteError. */
export function inviteOf(url) {
  const room = decodeURIComponentOr(url.pathname.replace(/^\/+|\/+$/g, ""));
  if (room === "") throw new InviteError("NO_ROOM");
  if (!ROOM.test(room)) throw new InviteError("BAD_LINK");
  const fragment = url.hash.replace(/^#/, "");
  if (fragment === "") throw new InviteError("NO_SECRET");
  const [secret, pin = "", ...rest] = fragment.split(".");
  if (rest.length > 0 || (fragment.includes(".") && pin === "")) throw new InviteError("BAD_LINK");
  if (pin !== "") bytesOf(pin, PIN_BYTES);
  return new Invite(url.origin, room, bytesOf(secret, SECRET_BYTES), pin);
}

/**
 * A link that somebody pasted, to go to. Throws InviteError, also for a link that only the app can open.
 * @param {string} text @returns {URL}
 */
export function pastedLink(text) {
  const link = text.replace(WRAPPING, "");
  if (link.length > MAX_LINK_CHARS || !URL.canParse(link)) throw new InviteError("BAD_LINK");
  const url = new URL(link);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new InviteError("BAD_LINK");
  inviteOf(url);
  return url;
}

function bytesOf(text, size) {
  try {
    const bytes = fromBase64url(text);
    if (bytes.length === size && toBase64url(bytes) === text) return bytes;
  } catch {
    // the same as a wrong length
  }
  throw new InviteError("BAD_LINK");
}

function decodeURIComponentOr(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
