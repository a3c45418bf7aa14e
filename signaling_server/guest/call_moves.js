/**
 * What a call is, and what several rules do: enter a state, begin and end a call, open and replace its connection.
 * The same as callapp/call/model.py and moves.py; see call.js.
 */

export const State = Object.freeze({
  IDLE: "idle",
  OFFERING: "offering", // our offer is being made
  CALLING: "calling", // our offer is sent
  ANSWERING: "answering", // our answer is being made
  CONNECTING: "connecting", // both descriptions are known
  CONNECTED: "connected",
  RECONNECTING: "reconnecting", // the connection was lost; another attempt is under way
  ENDED: "ended",
});

const ANSWER_TIMEOUT_S = 30;
const CONNECT_TIMEOUT_S = 15;
const RECONNECT_S = 30;
const RETRY_S = 6;
const PEER_GONE_S = 5;
export const EARLY_CANDIDATES_MAX = 64;

const { IDLE, OFFERING, CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING, ENDED } = State;
export const FREE = [IDLE, ENDED];
export const SETTING_UP = [OFFERING, CALLING, ANSWERING, CONNECTING];
export const LIVE = [...SETTING_UP, CONNECTED, RECONNECTING];

/** How long a state may last, from when it was entered. */
const LIMITS_S = {
  [OFFERING]: CONNECT_TIMEOUT_S,
  [CALLING]: ANSWER_TIMEOUT_S,
  [ANSWERING]: CONNECT_TIMEOUT_S,
  [CONNECTING]: CONNECT_TIMEOUT_S,
  [RECONNECTING]: RECONNECT_S,
};

/**
 * One call, from nothing to its end, and what is known of the way to the peer. The link and the peer's place in the
 * room outlive a call; everything else belongs to the call named `callId`.
 */
const NEW = Object.freeze({
  state: IDLE,
  callId: "",
  attempt: 0,
  previous: "", // the call before this one: it is over, whatever the peer may still say of it
  caller: false, // we placed it: only the caller offers, also when the connection is renewed
  reason: null, // why it ended
  negotiation: "none", // what the peer connection knows: none | offered | described
  early: [], // candidates held until it can take them
  limit: null, // when this state must be over
  retryAt: null, // when the next attempt to reconnect begins
  goneSince: null, // since when nothing is to be expected from the peer
  link: "up", // up | lost | refused
  peerPresent: true,
  parted: false, // we or the peer left the room after the last connection: either may have ended the call
});

/** @returns {object} no call yet */
export function newCall() {
  return NEW;
}

/** @param {object} call @returns {boolean} whether there is a call, in whatever state */
export function isLive(call) {
  return LIVE.includes(call.state);
}

/** @param {object} call @returns {number|null} when the machine wants a `timeout`; null if it waits for nothing */
export function deadlineOf(call) {
  const times = [call.limit, call.retryAt, goneLimit(call)].filter((time) => time !== null);
  return times.length > 0 ? Math.min(...times) : null;
}

/** Whether a message would reach the peer, as far as we know. */
export const isReachable = (call) => call.peerPresent && call.link === "up";
/** Whether the peer has left, as far as the server tells. */
export const isGone = (call) => !call.peerPresent || call.link === "refused";
/** When a peer that is gone counts as lost. */
export const goneLimit = (call) => (call.goneSince === null ? null : call.goneSince + PEER_GONE_S);
/** The fields that name an attempt. */
export const names = (call) => ({ callId: call.callId, attempt: call.attempt });

// ---- moves

export function enter(call, state, now) {
  return { ...call, state, limit: now + LIMITS_S[state] };
}

/** A new call. It proves that we and the peer are in the room, whatever was known before. */
export function begin(last, state, callId, attempt, now, caller) {
  return enter({ ...NEW, callId, attempt, previous: last.callId, caller }, state, now);
}

export function close(call) {
  return call.negotiation === "none" ? [] : [{ type: "closePeer", callId: call.callId }];
}

/** Whoever ends a call says so, even to a peer that may be out of reach; only a bye is not answered. */
export function end(call, reason, bye = true) {
  const effects = close(call);
  if (bye) effects.push({ type: "sendBye", callId: call.callId, reason });
  const { callId, attempt, caller, link, peerPresent } = call;
  return [{ ...NEW, state: ENDED, callId, attempt, caller, reason, link, peerPresent }, effects];
}

/** Replace the peer connection, if there is one, by one that offers. */
export function openOffer(call, attempt) {
  const after = { ...call, attempt, negotiation: "offered", early: [] };
  return [after, [...close(call), { type: "createOffer", callId: call.callId, attempt }]];
}

/** Replace the peer connection, if there is one, by one that answers. */
export function openAnswer(call, event) {
  const after = { ...call, attempt: event.attempt, negotiation: "described", early: [], peerPresent: true };
  const create = { type: "createAnswer", callId: call.callId, attempt: event.attempt, sdp: event.sdp };
  return [after, [...close(call), create]];
}

export function take(last, event, now) {
  return openAnswer(begin(last, ANSWERING, event.callId, event.attempt, now, false), event);
}

/** Drop our call for the peer's, and say so: the peer may hear of ours after having ended its own. */
export function giveWay(call, event, now, reason) {
  const [, farewell] = end(call, reason);
  const [after, effects] = take(call, event, now);
  return [after, [...farewell, ...effects]];
}

export function busy(call, event) {
  return [call, [{ type: "sendBye", callId: event.callId, reason: "BUSY" }]];
}

/** While nothing reaches the peer, the next attempt waits for linkRestored or peerJoined, not for the clock. */
export function retryAt(call, now) {
  return isReachable(call) ? now + RETRY_S : null;
}

/** Give up the present peer connection and, once the peer is within reach, build another. */
export function nextAttempt(call, now) {
  const effects = close(call);
  const waiting = { ...call, negotiation: "none", early: [], retryAt: retryAt(call, now) };
  if (!isReachable(call)) return [waiting, effects];
  if (!call.caller) return [waiting, [...effects, { type: "sendRestart", ...names(call) }]];
  const [after, offering] = openOffer(waiting, call.attempt + 1);
  return [after, [...effects, ...offering]];
}

/** Messages of the set-up may be lost: again from the offer on, as another attempt of the same call. */
export function startOver(call, now) {
  if (!call.caller) return [call, [{ type: "sendRestart", ...names(call) }]];
  return openOffer(enter(call, OFFERING, now), call.attempt + 1);
}

/** For a call that is over, or never was here: the peer has not heard our bye. */
export function byeAgain(call, callId) {
  const ours = callId === call.callId ? call.reason : null;
  return [call, [{ type: "sendBye", callId, reason: ours ?? "HUNG_UP" }]];
}

/** The peer still offers our last call, and may have dropped the offer of this one for that. */
export function insist(call, now) {
  const bye = { type: "sendBye", callId: call.previous, reason: "HUNG_UP" };
  if (call.state === OFFERING) return [call, [bye]];
  const [after, effects] = startOver(call, now);
  return [after, [bye, ...effects]];
}
