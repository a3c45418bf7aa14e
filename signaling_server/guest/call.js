/**
 * One call as a machine without I/O, clock or chance: handle(call, event, now) -> [call, effects].
 *
 * The same machine as callapp/call (its table, rules and reasons are explained there), less what a room's guest never
 * meets: nothing rings, since whoever is in the room has pressed Call. A test feeds both machines the same events.
 * Times are seconds of a clock that never goes back.
 */

import { FREE, LIVE, SETTING_UP, State, isGone, isLive } from "./call_moves.js";
import * as rules from "./call_rules.js";

export { State, deadlineOf, isLive, newCall } from "./call_moves.js";

const { CALLING, OFFERING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING, ENDED } = State;

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

// ---- the table: which rule an event follows in which state; what is not here is dropped

/** @param {...[string[], Function]} rows */
function by(...rows) {
  return Object.fromEntries(rows.flatMap(([states, rule]) => states.map((state) => [state, rule])));
}

/** The events that a connection posts. */
export const OF_THE_ENGINE = new Set([
  "offerReady", "answerReady", "localCandidate", "peerConnected", "peerFailed", "negotiationFailed",
]);
const OF_AN_ATTEMPT = new Set([...OF_THE_ENGINE, "candidateReceived"]);

const RULES = {
  place: by([FREE, rules.place]),
  hangUp: by([LIVE, rules.hangUp]),
  offerReceived: by(
    [FREE, rules.offerWhenFree],
    [[OFFERING, CALLING], rules.offerWhenOffering],
    [[ANSWERING, CONNECTING], rules.offerWhenSettling],
    [[CONNECTED], rules.offerWhenConnected],
    [[RECONNECTING], rules.offerWhenReconnecting],
  ),
  answerReceived: by(
    [[CALLING, RECONNECTING], rules.answerReceived],
    [[ENDED, OFFERING, ANSWERING, CONNECTING, CONNECTED], rules.strayAnswer],
  ),
  candidateReceived: by([[CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING], rules.candidateReceived]),
  byeReceived: by([LIVE, rules.byeReceived]),
  restartReceived: by(
    [FREE, rules.restartWhenFree],
    [SETTING_UP, rules.restartWhenSettingUp],
    [[CONNECTED, RECONNECTING], rules.restartWhenConnected],
  ),
  offerReady: by([[OFFERING, RECONNECTING], rules.offerReady]),
  answerReady: by([[ANSWERING, RECONNECTING], rules.answerReady]),
  localCandidate: by([[CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING], rules.localCandidate]),
  peerConnected: by([[CONNECTING, RECONNECTING], rules.peerConnected]),
  peerFailed: by([SETTING_UP, rules.failedForGood], [[CONNECTED, RECONNECTING], rules.peerFailed]),
  negotiationFailed: by([[...SETTING_UP, RECONNECTING], rules.failedForGood]),
  linkLost: by([Object.values(State), rules.note]),
  linkRefused: by([Object.values(State), rules.note]),
  peerLeft: by([[...FREE, CONNECTED, RECONNECTING], rules.note], [SETTING_UP, rules.peerLeftSetUp]),
  peerJoined: by([[...FREE, CONNECTED], rules.note], [[RECONNECTING], rules.backWhenReconnecting]),
  linkRestored: by(
    [[...FREE, CONNECTED], rules.note],
    [SETTING_UP, rules.restoredInSetUp],
    [[RECONNECTING], rules.backWhenReconnecting],
  ),
  timeout: by([SETTING_UP, rules.setUpTimedOut], [[RECONNECTING], rules.reconnectingTimedOut]),
};
