/**
 * Seals what two say through a server, so that the server can neither read nor change nor invent any of it.
 *
 * The same boxes as callapp/signaling/sealing.py, by WebCrypto. Each direction of each pair of clients has its key:
 *
 *     HKDF-SHA256 (RFC 5869): input = the link's secret, salt = ROOM, info = "callapp/1 seal" | sender | receiver
 *
 * A box is base64url(sequence | nonce | ciphertext | tag): AES-256-GCM with a random nonce of 12 bytes, a sequence
 * of 8 bytes (big-endian, from 0), and as associated data version (1 byte) | ROOM | sender | sequence.
 *
 * Boxes of one peer must be opened one after the other, in the order in which they came: WebCrypto is asynchronous.
 */

import { concat, fromBase64url, fromHex, random, toBase64url, utf8 } from "./bytes.js";

const VERSION = 1;
const SEQUENCE_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_PEERS = 1024; // that one Sealer remembers
const MAX_PAYLOAD_CHARS = 64 * 1024 - 256;
export const MAX_PLAINTEXT_BYTES =
  Math.floor((MAX_PAYLOAD_CHARS * 3) / 4) - SEQUENCE_BYTES - NONCE_BYTES - TAG_BYTES;

/** What is wrong with what the server hands over. */
export const Interference = Object.freeze({
  AUTHENTICATION: "authentication", // not sealed by this peer for us
  OTHER_LINK: "other_link", // nor was any box of this peer before: it joined with another link
  REPEAT: "repeat", // this box, or a later one, was opened already
  GAP: "gap", // boxes before this one never came
  REFLECTION: "reflection", // the server presents ourselves as the peer
});

/** A box that must not be used; `kind` is AUTHENTICATION, OTHER_LINK, REPEAT or REFLECTION. */
export class SealError extends Error {
  /** @param {string} kind one of Interference */
  constructor(kind) {
    super(kind);
    this.name = "SealError";
    this.kind = kind;
  }
}

/** Seals and opens boxes as the client `ownId` in `room`. Ids are 32 hexadecimal characters. */
export class Sealer {
  #secret;
  #room;
  #ownId;
  #pairs = new Map();

  /** @param {Uint8Array} secret 16 bytes @param {string} room @param {string} ownId */
  constructor(secret, room, ownId) {
    this.#secret = crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    this.#room = utf8(room);
    this.#ownId = ownId;
  }

  /** Derive the keys for a peer ahead of its first box. @param {string} peerId */
  prepare(peerId) {
    if (peerId !== this.#ownId) this.#pair(peerId).catch(() => {});
  }

  /**
   * A box for the peer `receiverId`. Throws SealError(REFLECTION) for our own id, RangeError for too much.
   * @param {string} receiverId @param {Uint8Array} plaintext @returns {Promise<string>}
   */
  async seal(receiverId, plaintext) {
    if (plaintext.length > MAX_PLAINTEXT_BYTES) throw new RangeError("does not fit into a box");
    const pair = await this.#pair(receiverId);
    const sequence = bigEndian(pair.sealed);
    pair.sealed += 1;
    const nonce = random(NONCE_BYTES);
    const algorithm = { name: "AES-GCM", iv: nonce, additionalData: this.#associated(this.#ownId, sequence) };
    const sealed = await crypto.subtle.encrypt(algorithm, pair.toPeer, plaintext);
    return toBase64url(concat(sequence, nonce, new Uint8Array(sealed)));
  }

  /**
   * What the peer `senderId` put into `box`, and how many boxes before it have not come. Throws SealError.
   * @param {string} senderId @param {string} box @returns {Promise<{plaintext: Uint8Array, missing: number}>}
   */
  async open(senderId, box) {
    const pair = await this.#pair(senderId);
    let plaintext;
    let sequence;
    try {
      const raw = fromBase64url(box);
      sequence = raw.slice(0, SEQUENCE_BYTES);
      const nonce = raw.slice(SEQUENCE_BYTES, SEQUENCE_BYTES + NONCE_BYTES);
      const algorithm = { name: "AES-GCM", iv: nonce, additionalData: this.#associated(senderId, sequence) };
      const sealed = raw.slice(SEQUENCE_BYTES + NONCE_BYTES);
      plaintext = new Uint8Array(await crypto.subtle.decrypt(algorithm, pair.fromPeer, sealed));
    } catch {
      throw new SealError(pair.expected > 0 ? Interference.AUTHENTICATION : Interference.OTHER_LINK);
    }
    const number = Number(new DataView(sequence.buffer).getBigUint64(0));
    if (number < pair.expected) throw new SealError(Interference.REPEAT);
    const missing = number - pair.expected;
    pair.expected = number + 1;
    return { plaintext, missing };
  }

  #associated(senderId, sequence) {
    return concat(Uint8Array.of(VERSION), this.#room, fromHex(senderId), sequence);
  }

  async #pair(peerId) {
    if (peerId === this.#ownId) throw new SealError(Interference.REFLECTION);
    if (!this.#pairs.has(peerId)) {
      // forgetting a peer would let its boxes be repeated
      if (this.#pairs.size >= MAX_PEERS) throw new SealError(Interference.AUTHENTICATION);
      this.#pairs.set(peerId, this.#makePair(peerId));
    }
    return this.#pairs.get(peerId);
  }

  async #makePair(peerId) {
    const [toPeer, fromPeer] = await Promise.all([
      this.#key(this.#ownId, peerId, "encrypt"),
      this.#key(peerId, this.#ownId, "decrypt"),
    ]);
    return { toPeer, fromPeer, sealed: 0, expected: 0 };
  }

  async #key(senderId, receiverId, use) {
    const info = concat(utf8("callapp/1 seal"), fromHex(senderId), fromHex(receiverId));
    const derivation = { name: "HKDF", hash: "SHA-256", salt: this.#room, info };
    const kind = { name: "AES-GCM", length: 256 };
    return crypto.subtle.deriveKey(derivation, await this.#secret, kind, false, [use]);
  }
}

function bigEndian(number) {
  const bytes = new Uint8Array(SEQUENCE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}
