/** Runs one call machine: inbox -> machine -> effects, with its deadline. No preview, no room, no words. */

import { deadlineOf, handle, newCall } from "./call.js";

const nowS = () => performance.now() / 1000;

export class Runner {
  #run;
  #changed;
  #inbox = [];
  #busy = false;
  #timer = null;

  /**
   * @param {(effects: object[]) => void} run carries out the effects of one event, in order
   * @param {(before: object, after: object) => void} changed called after every change of the call
   */
  constructor(run, changed) {
    this.call = newCall();
    this.#run = run;
    this.#changed = changed;
  }

  /** Handle an event now, or after the one that is being handled. @param {{type: string}} event */
  feed(event) {
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#inbox.length > 0) this.#step(this.#inbox.shift());
    } finally {
      this.#busy = false;
    }
  }

  #step(event) {
    const before = this.call;
    const [after, effects] = handle(before, event, nowS());
    this.call = after;
    if (deadlineOf(after) !== deadlineOf(before)) this.#setTimer();
    this.#run(effects);
    if (after !== before) this.#changed(before, after);
  }

  #setTimer() {
    clearTimeout(this.#timer);
    const deadline = deadlineOf(this.call);
    if (deadline === null) return;
    this.#timer = setTimeout(() => {
      if (nowS() < deadline) this.#setTimer(); // timers may fire a little early
      else this.feed({ type: "timeout" });
    }, Math.max(0, (deadline - nowS()) * 1000));
  }
}
