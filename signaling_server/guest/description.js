/** What a session description (RFC 8866) must be before the browser sees it. */

import { fromHex } from "./bytes.js";

const MAX_SDP_CHARS = 36_000;
const MAX_M_SECTIONS = 16;
const FINGERPRINT = /^a=fingerprint:(\S+) (\S+)\s*$/gim;
const SHA256 = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;

/** A description that must not be used. The text never quotes it. */
export class DescriptionError extends Error {
  /** @param {string} detail */
  constructor(detail) {
    super(detail);
    this.name = "DescriptionError";
  }
}

/**
 * The SHA-256 of the certificate that a description names. All m-sections must name the same one, so that no second
 * end can be smuggled in (RFC 8122; RFC 8843, section 9). Throws DescriptionError.
 * @param {string} sdp @returns {Uint8Array} 32 bytes
 */
export function fingerprintOf(sdp) {
  if (sdp.length > MAX_SDP_CHARS) throw new DescriptionError("too long a description");
  const [head, ...sections] = sdp.split(/^(?=m=)/m);
  if (sections.length < 1 || sections.length > MAX_M_SECTIONS) {
    throw new DescriptionError(`a description with ${sections.length} m-sections`);
  }
  const common = fingerprints(head);
  const named = new Set(common);
  for (const section of sections) {
    const own = fingerprints(section);
    if (own.length > 1 || common.length > 1 || (own.length === 0 && common.length === 0)) {
      throw new DescriptionError("an m-section without exactly one sha-256 fingerprint");
    }
    for (const value of own) named.add(value);
  }
  if (named.size !== 1) throw new DescriptionError("m-sections with different fingerprints");
  const [value] = named;
  return fromHex(value.replace(/:/g, ""));
}

/**
 * A description without fingerprints of other hashes: the browser then compares the very one that `fingerprintOf`
 * tells, and that the short authentication string is made of.
 * @param {string} sdp @returns {string}
 */
export function withoutOtherFingerprints(sdp) {
  return sdp.replace(/^a=fingerprint:(?!sha-256 ).*\r?\n/gim, "");
}

/** @param {string} part @returns {string[]} the sha-256 fingerprints in it */
function fingerprints(part) {
  const found = Array.from(part.matchAll(FINGERPRINT)).filter(([, hash]) => hash.toLowerCase() === "sha-256");
  const values = found.map(([, , value]) => value.toUpperCase());
  if (!values.every((value) => SHA256.test(value))) throw new DescriptionError("a fingerprint that is none");
  return values;
}
