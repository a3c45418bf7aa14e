/**
 * The rules of a call: what each event does where the table of call.js lets it in. The same as callapp/call/rules.py.
 * A rule gets the call, the event and the time, and returns the next call and the effects.
 */

import {
  EARLY_CANDIDATES_MAX, State, begin, busy, byeAgain, close, end, enter, giveWay, goneLimit, insist, isLive,
  isReachable, names, nextAttempt, openAnswer, openOffer, retryAt, startOver, take,
} from "./call_moves.js";

const { OFFERING, CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING } = State;

/** Our reason for the end of a call, from the reason in the peer's bye. */
const OUR_VIEW = {
  HUNG_UP: "PEER_LEFT",
  PEER_LEFT: "PEER_LOST", // it believed us gone
  PEER_LOST: "PEER_LOST",
  DECLINED: "DECLINED",
  BUSY: "BUSY",
  TIMEOUT: "TIMEOUT",
  ERROR: "ERROR",
  FULL: "PEER_LEFT",
  REFUSED: "PEER_LEFT",
};

const stay = (call) => [call, []];

// ---- the person

export const place = (call, event, now) => openOffer(begin(call, OFFERING, event.callId, 0, now, true), 0);
export const hangUp = (call) => end(call, "HUNG_UP");

// ---- offers: the only messages that can start something

export function offerWhenFree(call, event, now) {
  return event.callId === call.callId ? byeAgain(call, event.callId) : take(call, event, now);
}

/** Glare: both call at once. Of two offers that were sent, the one with the greater call id stays. */
export function offerWhenOffering(call, event, now) {
  if (event.callId === call.callId) return stay(call);
  if (event.callId === call.previous) return insist(call, now);
  if (call.state === OFFERING && call.attempt === 0) {
    const [after, effects] = take(call, event, now);
    return [after, [...close(call), ...effects]];
  }
  return call.callId > event.callId ? stay(call) : giveWay(call, event, now, "HUNG_UP");
}

export function offerWhenSettling(call, event, now) {
  if (event.callId !== call.callId) return busy(call, event);
  if (call.caller || event.attempt <= call.attempt) return stay(call);
  return openAnswer(enter(call, ANSWERING, now), event);
}

export function offerWhenConnected(call, event, now) {
  return event.callId === call.callId ? renew(call, event, now) : busy(call, event);
}

/** Another call from someone who has been out of the room, or while we were: the peer has forgotten ours. */
export function offerWhenReconnecting(call, event, now) {
  if (event.callId === call.callId) return renew(call, event, now);
  if (!call.parted || event.callId === call.previous) return busy(call, event);
  if (call.caller && call.callId > event.callId) return stay(call);
  return giveWay(call, event, now, "PEER_LOST");
}

/** The caller builds another connection; we follow, also if ours seems to be fine. */
function renew(call, event, now) {
  if (call.caller || event.attempt <= call.attempt) return stay(call);
  const [after, effects] = openAnswer(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, event);
  return [{ ...after, retryAt: retryAt(after, now) }, effects];
}

// ---- other messages of the peer

/** Whoever answers a call that is over has not heard of its end. */
export function strayAnswer(call, event) {
  return event.callId === call.callId && isLive(call) ? stay(call) : byeAgain(call, event.callId);
}

export function answerReceived(call, event, now) {
  if (event.callId !== call.callId) return strayAnswer(call, event);
  if (event.attempt !== call.attempt || call.negotiation !== "offered") return stay(call);
  const held = call.early.map((candidate) => ({ type: "addCandidate", ...names(call), candidate }));
  const next = call.state === CALLING ? enter(call, CONNECTING, now) : call;
  const effects = [{ type: "applyAnswer", ...names(call), sdp: event.sdp }, ...held];
  return [{ ...next, negotiation: "described", early: [] }, effects];
}

export function candidateReceived(call, event) {
  if (call.negotiation === "described") {
    return [call, [{ type: "addCandidate", ...names(call), candidate: event.candidate }]];
  }
  if (call.negotiation !== "offered" || call.early.length >= EARLY_CANDIDATES_MAX) return stay(call);
  return [{ ...call, early: [...call.early, event.candidate] }, []];
}

export function byeReceived(call, event) {
  return event.callId === call.callId ? end(call, OUR_VIEW[event.reason], false) : stay(call);
}

/** A bye of ours was lost. */
export const restartWhenFree = (call, event) => byeAgain(call, event.callId);

/** The callee may know an older attempt than ours: then it has not got our last offer. */
export function restartWhenSettingUp(call, event, now) {
  if (event.callId !== call.callId) return byeAgain(call, event.callId);
  if (!call.caller || event.attempt > call.attempt || call.state === OFFERING) return stay(call);
  return startOver(call, now);
}

/** A request that speaks of an older attempt has crossed our new offer, which answers it. */
export function restartWhenConnected(call, event, now) {
  if (event.callId !== call.callId) return byeAgain(call, event.callId);
  if (!call.caller || event.attempt !== call.attempt) return stay(call);
  return nextAttempt(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, now);
}

// ---- the peer connection

export function offerReady(call, event, now) {
  const next = call.state === OFFERING ? enter(call, CALLING, now) : call;
  return [next, [{ type: "sendOffer", ...names(call), sdp: event.sdp }]];
}

export function answerReady(call, event, now) {
  const next = call.state === ANSWERING ? enter(call, CONNECTING, now) : call;
  return [next, [{ type: "sendAnswer", ...names(call), sdp: event.sdp }]];
}

export function localCandidate(call, event) {
  return [call, [{ type: "sendCandidate", ...names(call), candidate: event.candidate }]];
}

export function peerConnected(call) {
  const connected = { ...call, state: CONNECTED, limit: null, retryAt: null, goneSince: null };
  return [{ ...connected, parted: !isReachable(call) }, []];
}

export const failedForGood = (call) => end(call, "ERROR");

export function peerFailed(call, _event, now) {
  return nextAttempt(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, now);
}

// ---- the link and the room

/** Remember it, and leave the call alone: its deadline or its media decides. */
export function note(call, event) {
  const known = {
    peerLeft: { peerPresent: false },
    peerJoined: { peerPresent: true },
    linkLost: { link: "lost" },
    linkRefused: { link: "refused" },
    linkRestored: { link: "up", peerPresent: event.peerPresent },
  };
  const after = { ...call, ...known[event.type] };
  return isReachable(after) ? [after, []] : [{ ...after, retryAt: null, parted: isLive(after) }, []];
}

export const peerLeftSetUp = (call, event) => end(note(call, event)[0], "PEER_LEFT");

export function restoredInSetUp(call, event, now) {
  const [noted] = note(call, event);
  return event.peerPresent ? startOver(noted, now) : end(noted, "PEER_LEFT");
}

/** What was said while one of us was out of the room may be lost, so the attempt begins anew. */
export function backWhenReconnecting(call, event, now) {
  const [noted] = note(call, event);
  return isReachable(noted) && !isReachable(call) ? nextAttempt(noted, now) : [noted, []];
}

// ---- time

const isPast = (limit, now) => limit !== null && now >= limit;

export function setUpTimedOut(call, _event, now) {
  if (isPast(goneLimit(call), now)) return end(call, "PEER_LOST");
  return isPast(call.limit, now) ? end(call, "TIMEOUT") : stay(call);
}

export function reconnectingTimedOut(call, _event, now) {
  if (isPast(goneLimit(call), now) || isPast(call.limit, now)) return end(call, "PEER_LOST");
  return isPast(call.retryAt, now) ? nextAttempt(call, now) : stay(call);
}
