/** Pure parts of the view: which buttons can be pressed, and which banner tells what has happened. */

/**
 * The codelab's table, with rooms: Hang Up also leaves a room in which one waits.
 * @param {string} preview @param {boolean} live @param {string} room @param {boolean} busy in a room, or entering one
 */
export function buttonsOf(preview, live, room, busy) {
  return {
    start: preview === "off" || preview === "failed",
    call: preview === "on" && !live && (!busy || room === "peer"),
    hangUp: live || busy,
  };
}

const SETTING_UP = new Set(["offering", "answering", "connecting"]);

/**
 * The banner for a call that ended in state `before`; null where Hang Up says it itself.
 * @param {string} reason @param {string} before @param {boolean} inRoom
 */
export function endNotice(reason, before, inRoom) {
  const again = inRoom ? ["CALL"] : ["REJOIN", "NEW_ROOM"];
  switch (reason) {
    case "HUNG_UP":
      return null;
    case "PEER_LEFT":
      return { code: "PEER_LEFT", actions: [] };
    case "PEER_LOST":
      return { code: "PEER_LOST", actions: inRoom ? [] : again };
    case "DECLINED":
      return { code: "DECLINED", actions: [] };
    case "BUSY":
      return { code: "BUSY", actions: again };
    case "TIMEOUT":
      return { code: SETTING_UP.has(before) ? "CONNECTION_FAILED" : "NO_ANSWER", actions: again };
    default:
      return { code: "NEGOTIATION_FAILED", actions: again };
  }
}

/**
 * The next steps that help with a device that did not open.
 * @param {{name: string, kind: string}} error @param {string} preview
 */
export function startActions({ name, kind }, preview) {
  if (preview === "on") return ["DEVICES"];
  if (name === "SecurityError" || name === "INSECURE") return [];
  if (kind === "microphone") return ["TRY_AGAIN", "NO_MICROPHONE"];
  if (kind === "camera") return ["TRY_AGAIN", "SOUND_ONLY"];
  return name === "NotFoundError" ? ["TRY_AGAIN", "WATCH_ONLY"] : ["TRY_AGAIN", "SOUND_ONLY", "WATCH_ONLY"];
}
