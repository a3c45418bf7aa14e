/**
 * The short authentication string: what two read to each other to be sure that nobody is between them.
 *
 * The offerer commits to its nonce and certificate first (`commitment` in the offer), the answerer shows its nonce,
 * then the offerer reveals its own: so neither can choose a nonce that makes two different calls look the same.
 * Fingerprints are the 32 raw bytes of the SHA-256 of the certificates that DTLS really used.
 */

import { concat, toHex, utf8 } from "./bytes.js";

const NONCE_HEX = /^[0-9a-f]{32}$/;
const COMMITMENT_HEX = /^[0-9a-f]{64}$/;
const DIGITS = 1_000_000;
const EMOJI = 64;

/** @param {unknown} text @returns {text is string} whether it is 16 bytes in hexadecimal */
export function isNonce(text) {
  return typeof text === "string" && NONCE_HEX.test(text);
}

/** @param {unknown} text @returns {text is string} whether it is a SHA-256 in hexadecimal */
export function isCommitment(text) {
  return typeof text === "string" && COMMITMENT_HEX.test(text);
}

/** @param {Uint8Array} nonce @param {Uint8Array} fingerprint @returns {Promise<string>} lower-case hexadecimal */
export async function commitment(nonce, fingerprint) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", concat(nonce, fingerprint))));
}

/**
 * @typedef {{nonce: Uint8Array, fingerprint: Uint8Array}} Side
 * @param {Side} offerer @param {Side} answerer
 * @returns {Promise<{digits: string, emoji: number[]}>} 6 digits, and 4 places in the table of 64 emoji
 */
export async function authenticationString(offerer, answerer) {
  const input = concat(offerer.nonce, answerer.nonce);
  const key = await crypto.subtle.importKey("raw", input, "HKDF", false, ["deriveBits"]);
  const salt = concat(offerer.fingerprint, answerer.fingerprint);
  const derivation = { name: "HKDF", hash: "SHA-256", salt, info: utf8("callapp/1 sas") };
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(derivation, key, 64));
  const number = new DataView(bytes.buffer).getUint32(0);
  return {
    digits: String(number % DIGITS).padStart(6, "0"),
    emoji: Array.from(bytes.slice(4), (byte) => byte % EMOJI),
  };
}
