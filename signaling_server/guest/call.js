/**
 * One call as a machine without I/O, clock or chance: handle(call, event, now) -> [call, effects].
 *
 * The same machine as callapp/call (its table, rules and reasons are explained there), less what a room's guest never
 * meets: nothing rings, since whoever is in the room has pressed Call. A test feeds both machines the same events.
 * Times are seconds of a clock that never goes back.
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
const EARLY_CANDIDATES_MAX = 64;

const { IDLE, OFFERING, CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING, ENDED } = State;
const FREE = [IDLE, ENDED];
const SETTING_UP = [OFFERING, CALLING, ANSWERING, CONNECTING];
const LIVE = [...SETTING_UP, CONNECTED, RECONNECTING];

/** How long a state may last, from when it was entered. */
const LIMITS_S = {
  [OFFERING]: CONNECT_TIMEOUT_S,
  [CALLING]: ANSWER_TIMEOUT_S,
  [ANSWERING]: CONNECT_TIMEOUT_S,
  [CONNECTING]: CONNECT_TIMEOUT_S,
  [RECONNECTING]: RECONNECT_S,
};

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

/**
 * One call, from nothing to its end, and what is known of the way to the peer. The link and the peer's place in the
 * room outlive a call; everything else belongs to the call named `callId`.
 */
const NEW = Object.freeze({
  state: IDLE,
  callId: "",
  attempt: 0,
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

/**
 * The next call, and the effects in the order in which they are to be carried out.
 * @param {object} call @param {{type: string}} event @param {number} now
 * @returns {[object, object[]]}
 */
export function handle(call, event, now) {
  const rule = RULES[event.type]?.[call.state];
  if (rule === undefined || isStale(call, event)) return [call, []];
  const [after, effects] = rule(call, event, now);
  return [watch(after, now), effects];
}

/** Late results and delayed messages of another call, another attempt or a closed peer connection. */
function isStale(call, event) {
  if (!OF_AN_ATTEMPT.has(event.type)) return false;
  if (event.callId !== call.callId || event.attempt !== call.attempt) return true;
  return OF_THE_ENGINE.has(event.type) && call.negotiation === "none";
}

/** Start or stop the clock of a peer that is gone. A connected call has none: there the media decides. */
function watch(call, now) {
  const watched = isGone(call) && isLive(call) && call.state !== CONNECTED;
  if (watched === (call.goneSince !== null)) return call;
  return { ...call, goneSince: watched ? now : null };
}

const isReachable = (call) => call.peerPresent && call.link === "up";
const isGone = (call) => !call.peerPresent || call.link === "refused";
const goneLimit = (call) => (call.goneSince === null ? null : call.goneSince + PEER_GONE_S);
const names = (call) => ({ callId: call.callId, attempt: call.attempt });

// ---- what several rules do

function enter(call, state, now) {
  return { ...call, state, limit: now + LIMITS_S[state] };
}

/** A new call. It proves that we and the peer are in the room, whatever was known before. */
function begin(state, callId, attempt, now, caller) {
  return enter({ ...NEW, callId, attempt, caller }, state, now);
}

function close(call) {
  return call.negotiation === "none" ? [] : [{ type: "closePeer", callId: call.callId }];
}

/** Whoever ends a call says so, even to a peer that may be out of reach; only a bye is not answered. */
function end(call, reason, bye = true) {
  const effects = close(call);
  if (bye) effects.push({ type: "sendBye", callId: call.callId, reason });
  const { callId, attempt, caller, link, peerPresent } = call;
  return [{ ...NEW, state: ENDED, callId, attempt, caller, reason, link, peerPresent }, effects];
}

/** Replace the peer connection, if there is one, by one that offers. */
function offer(call, attempt) {
  const after = { ...call, attempt, negotiation: "offered", early: [] };
  return [after, [...close(call), { type: "createOffer", callId: call.callId, attempt }]];
}

/** Replace the peer connection, if there is one, by one that answers. */
function answer(call, event) {
  const after = { ...call, attempt: event.attempt, negotiation: "described", early: [], peerPresent: true };
  const create = { type: "createAnswer", callId: call.callId, attempt: event.attempt, sdp: event.sdp };
  return [after, [...close(call), create]];
}

function take(event, now) {
  return answer(begin(ANSWERING, event.callId, event.attempt, now, false), event);
}

/** Drop our call for the peer's, and say so: the peer may hear of ours after having ended its own. */
function giveWay(call, event, now, reason) {
  const [, farewell] = end(call, reason);
  const [after, effects] = take(event, now);
  return [after, [...farewell, ...effects]];
}

function busy(call, event) {
  return [call, [{ type: "sendBye", callId: event.callId, reason: "BUSY" }]];
}

/** While nothing reaches the peer, the next attempt waits for linkRestored or peerJoined, not for the clock. */
function retryAt(call, now) {
  return isReachable(call) ? now + RETRY_S : null;
}

/** Give up the present peer connection and, once the peer is within reach, build another. */
function nextAttempt(call, now) {
  const effects = close(call);
  const waiting = { ...call, negotiation: "none", early: [], retryAt: retryAt(call, now) };
  if (!isReachable(call)) return [waiting, effects];
  if (!call.caller) return [waiting, [...effects, { type: "sendRestart", ...names(call) }]];
  const [after, offering] = offer(waiting, call.attempt + 1);
  return [after, [...effects, ...offering]];
}

/** Messages of the set-up may be lost: again from the offer on, as another attempt of the same call. */
function startOver(call, now) {
  if (!call.caller) return [call, [{ type: "sendRestart", ...names(call) }]];
  return offer(enter(call, OFFERING, now), call.attempt + 1);
}

const stay = (call) => [call, []];

// ---- the person

const place = (call, event, now) => offer(begin(OFFERING, event.callId, 0, now, true), 0);
const hangUp = (call) => end(call, "HUNG_UP");

// ---- offers: the only messages that can start something

function offerWhenFree(call, event, now) {
  if (event.callId === call.callId) {
    // the peer has not heard that this call is over
    return [call, [{ type: "sendBye", callId: call.callId, reason: call.reason ?? "HUNG_UP" }]];
  }
  return take(event, now);
}

/** Glare: both call at once. Of two offers that were sent, the one with the greater call id stays. */
function offerWhenOffering(call, event, now) {
  if (event.callId === call.callId) return stay(call);
  if (call.state === OFFERING && call.attempt === 0) {
    const [after, effects] = take(event, now);
    return [after, [...close(call), ...effects]];
  }
  return call.callId > event.callId ? stay(call) : giveWay(call, event, now, "HUNG_UP");
}

function offerWhenSettling(call, event, now) {
  if (event.callId !== call.callId) return busy(call, event);
  if (call.caller || event.attempt <= call.attempt) return stay(call);
  return answer(enter(call, ANSWERING, now), event);
}

function offerWhenConnected(call, event, now) {
  return event.callId === call.callId ? renew(call, event, now) : busy(call, event);
}

/** Another call from someone who has been out of the room, or while we were: the peer has forgotten ours. */
function offerWhenReconnecting(call, event, now) {
  if (event.callId === call.callId) return renew(call, event, now);
  if (!call.parted) return busy(call, event);
  if (call.caller && call.callId > event.callId) return stay(call);
  return giveWay(call, event, now, "PEER_LOST");
}

/** The caller builds another connection; we follow, also if ours seems to be fine. */
function renew(call, event, now) {
  if (call.caller || event.attempt <= call.attempt) return stay(call);
  const [after, effects] = answer(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, event);
  return [{ ...after, retryAt: retryAt(after, now) }, effects];
}

// ---- other messages of the peer

function answerReceived(call, event, now) {
  if (call.negotiation !== "offered") return stay(call);
  const held = call.early.map((candidate) => ({ type: "addCandidate", ...names(call), candidate }));
  const next = call.state === CALLING ? enter(call, CONNECTING, now) : call;
  const effects = [{ type: "applyAnswer", ...names(call), sdp: event.sdp }, ...held];
  return [{ ...next, negotiation: "described", early: [] }, effects];
}

function candidateReceived(call, event) {
  if (call.negotiation === "described") {
    return [call, [{ type: "addCandidate", ...names(call), candidate: event.candidate }]];
  }
  if (call.negotiation !== "offered" || call.early.length >= EARLY_CANDIDATES_MAX) return stay(call);
  return [{ ...call, early: [...call.early, event.candidate] }, []];
}

function byeReceived(call, event) {
  return event.callId === call.callId ? end(call, OUR_VIEW[event.reason], false) : stay(call);
}

/** A bye of ours was lost: say it again. */
function restartWhenFree(call, event) {
  const ours = event.callId === call.callId && call.reason !== null;
  return [call, [{ type: "sendBye", callId: event.callId, reason: ours ? call.reason : "HUNG_UP" }]];
}

function restartOfAnother(call, event) {
  return [call, [{ type: "sendBye", callId: event.callId, reason: "HUNG_UP" }]];
}

/** The callee may know an older attempt than ours: then it has not got our last offer. */
function restartWhenSettingUp(call, event, now) {
  if (event.callId !== call.callId) return restartOfAnother(call, event);
  if (!call.caller || event.attempt > call.attempt || call.state === OFFERING) return stay(call);
  return startOver(call, now);
}

/** A request that speaks of an older attempt has crossed our new offer, which answers it. */
function restartWhenConnected(call, event, now) {
  if (event.callId !== call.callId) return restartOfAnother(call, event);
  if (!call.caller || event.attempt !== call.attempt) return stay(call);
  return nextAttempt(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, now);
}

// ---- the peer connection

function offerReady(call, event, now) {
  const next = call.state === OFFERING ? enter(call, CALLING, now) : call;
  return [next, [{ type: "sendOffer", ...names(call), sdp: event.sdp }]];
}

function answerReady(call, event, now) {
  const next = call.state === ANSWERING ? enter(call, CONNECTING, now) : call;
  return [next, [{ type: "sendAnswer", ...names(call), sdp: event.sdp }]];
}

function localCandidate(call, event) {
  return [call, [{ type: "sendCandidate", ...names(call), candidate: event.candidate }]];
}

function peerConnected(call) {
  const connected = { ...call, state: CONNECTED, limit: null, retryAt: null, goneSince: null };
  return [{ ...connected, parted: !isReachable(call) }, []];
}

const failedInSetUp = (call) => end(call, "ERROR");

function peerFailed(call, _event, now) {
  return nextAttempt(call.state === CONNECTED ? enter(call, RECONNECTING, now) : call, now);
}

// ---- the link and the room

/** Remember it, and leave the call alone: its deadline or its media decides. */
function note(call, event) {
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

const peerLeftSetUp = (call, event) => end(note(call, event)[0], "PEER_LEFT");

function restoredInSetUp(call, event, now) {
  const [noted] = note(call, event);
  return event.peerPresent ? startOver(noted, now) : end(noted, "PEER_LEFT");
}

/** What was said while one of us was out of the room may be lost, so the attempt begins anew. */
function backWhenReconnecting(call, event, now) {
  const [noted] = note(call, event);
  return isReachable(noted) && !isReachable(call) ? nextAttempt(noted, now) : [noted, []];
}

// ---- time

const isPast = (limit, now) => limit !== null && now >= limit;

function setUpTimedOut(call, _event, now) {
  if (isPast(goneLimit(call), now)) return end(call, "PEER_LOST");
  return isPast(call.limit, now) ? end(call, "TIMEOUT") : stay(call);
}

function reconnectingTimedOut(call, _event, now) {
  if (isPast(goneLimit(call), now) || isPast(call.limit, now)) return end(call, "PEER_LOST");
  return isPast(call.retryAt, now) ? nextAttempt(call, now) : stay(call);
}

// ---- the table: which rule an event follows in which state; what is not here is dropped

/** @param {...[string[], Function]} rows */
function by(...rows) {
  return Object.fromEntries(rows.flatMap(([states, rule]) => states.map((state) => [state, rule])));
}

const OF_THE_ENGINE = new Set([
  "offerReady", "answerReady", "localCandidate", "peerConnected", "peerFailed", "negotiationFailed",
]);
const OF_AN_ATTEMPT = new Set([...OF_THE_ENGINE, "answerReceived", "candidateReceived"]);

const RULES = {
  place: by([FREE, place]),
  hangUp: by([LIVE, hangUp]),
  offerReceived: by(
    [FREE, offerWhenFree],
    [[OFFERING, CALLING], offerWhenOffering],
    [[ANSWERING, CONNECTING], offerWhenSettling],
    [[CONNECTED], offerWhenConnected],
    [[RECONNECTING], offerWhenReconnecting],
  ),
  answerReceived: by([[CALLING, RECONNECTING], answerReceived]),
  candidateReceived: by([[CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING], candidateReceived]),
  byeReceived: by([LIVE, byeReceived]),
  restartReceived: by(
    [FREE, restartWhenFree],
    [SETTING_UP, restartWhenSettingUp],
    [[CONNECTED, RECONNECTING], restartWhenConnected],
  ),
  offerReady: by([[OFFERING, RECONNECTING], offerReady]),
  answerReady: by([[ANSWERING, RECONNECTING], answerReady]),
  localCandidate: by([[CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING], localCandidate]),
  peerConnected: by([[CONNECTING, RECONNECTING], peerConnected]),
  peerFailed: by([SETTING_UP, failedInSetUp], [[CONNECTED, RECONNECTING], peerFailed]),
  negotiationFailed: by([[...SETTING_UP, RECONNECTING], failedInSetUp]),
  linkLost: by([Object.values(State), note]),
  linkRefused: by([Object.values(State), note]),
  peerLeft: by([[...FREE, CONNECTED, RECONNECTING], note], [SETTING_UP, peerLeftSetUp]),
  peerJoined: by([[...FREE, ...SETTING_UP, CONNECTED], note], [[RECONNECTING], backWhenReconnecting]),
  linkRestored: by(
    [[...FREE, CONNECTED], note],
    [SETTING_UP, restoredInSetUp],
    [[RECONNECTING], backWhenReconnecting],
  ),
  timeout: by([SETTING_UP, setUpTimedOut], [[RECONNECTING], reconnectingTimedOut]),
};
