/**
 * What the two sides say to each other, sealed through the server or over the data channel: the messages of
 * callapp/session/messages.py. One JSON object each: `v`, `type` and the fields of its type. Unknown fields are
 * ignored; an unknown version or type, a wrong type of a value or a value out of its limits is an error.
 */

import { isCommitment, isNonce } from "./sas.js";

export const VERSION = 1;
export const MAX_MESSAGE_BYTES = 40_960;
export const MAX_CHAT_CHARS = 4000;

const REASONS = new Set([
  "HUNG_UP", "PEER_LEFT", "PEER_LOST", "DECLINED", "BUSY", "FULL", "REFUSED", "TIMEOUT", "ERROR",
]);
const CALL_ID = /^[0-9a-f]{16}$/;

/** A message that must not be used; `code` is UNSUPPORTED_VERSION or BAD_PEER_MESSAGE. Quotes nothing of it. */
export class MessageError extends Error {
  /** @param {"UNSUPPORTED_VERSION"|"BAD_PEER_MESSAGE"} code @param {string} detail */
  constructor(code, detail) {
    super(`${code}: ${detail}`);
    this.name = "MessageError";
    this.code = code;
  }
}

const text = (max, min = 0) => (value) =>
  typeof value === "string" && value.length >= min && value.length <= 2 * max && [...value].length <= max;
const integer = (max) => (value) => Number.isInteger(value) && value >= 0 && value <= max;
const optional = (check) => (value) => value === undefined || value === null || check(value);
const flag = (value) => value === undefined || typeof value === "boolean";
const callId = (value) => typeof value === "string" && CALL_ID.test(value);
const attempt = integer(100_000);
const status = (value) => typeof value === "object" && value !== null && fits(value, FIELDS.status);

const FIELDS = {
  hello: { agent: (value) => value === "app" || value === "browser" },
  status: { name: optional(text(64)), muted: flag, camera_off: flag, sharing: flag },
  offer: { call_id: callId, attempt, sdp: text(36_000, 1), status, commitment: optional(isCommitment) },
  answer: { call_id: callId, attempt, sdp: text(36_000, 1), status, nonce: optional(isNonce) },
  reveal: { call_id: callId, attempt, nonce: isNonce },
  candidate: {
    call_id: callId,
    attempt,
    candidate: (value) => value === null || text(1024)(value),
    sdp_mid: optional(text(64)),
    sdp_m_line_index: optional(integer(64)),
  },
  bye: { call_id: callId, reason: (value) => REASONS.has(value) },
  restart: { call_id: callId, attempt },
  chat: { id: callId, text: text(MAX_CHAT_CHARS, 1), at: (value) => Number.isFinite(value) && value >= 0 },
  chat_ack: { id: callId },
};

/** What may come over the data channel; everything else has to be sealed through the server. Chat comes there only. */
export const ON_CHANNEL = new Set(["status", "bye", "chat", "chat_ack"]);
export const SEALED = new Set(Object.keys(FIELDS).filter((type) => !type.startsWith("chat")));

/** @param {string} type @param {object} fields @returns {string} the message as JSON */
export function encode(type, fields) {
  return JSON.stringify({ v: VERSION, type, ...fields });
}

/** @param {string} json @returns {{type: string} & Record<string, any>} Throws MessageError. */
export function decode(json) {
  if (json.length > MAX_MESSAGE_BYTES) throw bad("too long");
  let message;
  try {
    message = JSON.parse(json);
  } catch {
    throw bad("not JSON");
  }
  if (typeof message !== "object" || message === null || !Number.isInteger(message.v)) throw bad("no version");
  if (message.v !== VERSION) {
    throw new MessageError("UNSUPPORTED_VERSION", `the other side speaks version ${message.v}, this page ${VERSION}`);
  }
  if (typeof message.type !== "string" || !Object.hasOwn(FIELDS, message.type)) throw bad("of an unknown type");
  if (!fits(message, FIELDS[message.type])) throw bad(`wrong fields in ${message.type}`);
  return message;
}

/** @param {object} message a candidate @returns {object|null} for RTCPeerConnection; null: the last one was */
export function candidateIn({ candidate, sdp_mid: sdpMid = null, sdp_m_line_index: sdpMLineIndex = null }) {
  return candidate === null || candidate === "" ? null : { candidate, sdpMid, sdpMLineIndex };
}

/** @param {RTCIceCandidate|null} candidate @returns {object} its fields in a message */
export function candidateFields(candidate) {
  if (candidate === null) return { candidate: null };
  return { candidate: candidate.candidate, sdp_mid: candidate.sdpMid, sdp_m_line_index: candidate.sdpMLineIndex };
}

function fits(message, checks) {
  return Object.entries(checks).every(([name, check]) => check(message[name]));
}

function bad(detail) {
  return new MessageError("BAD_PEER_MESSAGE", detail);
}
