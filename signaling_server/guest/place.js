/**
 * Our place in a room: the link to the server, who came first, and what the other one is.
 *
 * Whoever meets somebody in the room says hello, sealed, and what it is. An app then makes the offer; between two
 * browsers whoever came second makes it (docs/signaling-protocol.md).
 */

import { Link } from "./link.js";
import { encode } from "./messages.js";

const SILENT_PEER_MS = 6000; // nothing that we can open in this time: it has another secret, and cannot tell us

export class Place {
  #hear;
  #link = null;
  #leaving = Promise.resolve();
  #outgoing = Promise.resolve(); // messages in order: making one may take a moment
  #silentPeer = null;
  #cameSecond = false;
  iceServers = [];
  /** app | browser, once the other one has said hello */
  peerAgent = null;

  /** @param {(event: object) => void} hear what the link posts, and otherLink */
  constructor(hear) {
    this.#hear = hear;
  }

  /** Whether we are in a room, or entering one. */
  get busy() {
    return this.#link !== null;
  }

  /** Whether it is for us to call, by what the other one is and who came first. */
  get isOurCall() {
    return this.peerAgent === "browser" && this.#cameSecond;
  }

  /** @param {import("./invite.js").Invite} invite */
  join(invite) {
    const url = `${invite.origin.replace(/^http/, "ws")}/ws`;
    const link = new Link(url, invite.room, invite.secret, (event) => {
      if (link === this.#link) this.#on(event);
    });
    this.#link = link;
    this.#leaving.then(() => link === this.#link && link.open()); // the same room twice would be full
  }

  /** Leave after what is still to be said. */
  leave() {
    const link = this.#forgetLink();
    if (link !== null) this.#leaving = this.#outgoing.then(() => link.close());
  }

  /** Leave with what still goes out at once, for a page that is going away. */
  leaveAtOnce() {
    this.#forgetLink()?.leave();
  }

  /** Doubt the connection to the server, and make another one. */
  renew() {
    this.#link?.renew();
  }

  /** Say something to the other one through the server. @param {string|Promise<string>} message */
  say(message) {
    const link = this.#link;
    this.#outgoing = this.#outgoing.then(async () => link?.send(await message)).catch(() => {});
  }

  /** Tell the other one that we are here and what we are. */
  hello() {
    this.say(encode("hello", { agent: "browser" }));
    if (this.peerAgent !== null) return;
    clearTimeout(this.#silentPeer);
    this.#silentPeer = setTimeout(() => this.#hear({ type: "otherLink" }), SILENT_PEER_MS);
  }

  #forgetLink() {
    const link = this.#link;
    this.#link = null;
    this.#forgetPeer();
    return link;
  }

  #forgetPeer() {
    this.peerAgent = null;
    clearTimeout(this.#silentPeer);
  }

  #on(event) {
    if (event.type === "joined" || event.type === "restored") {
      this.iceServers = event.iceServers;
      this.#cameSecond = event.peerPresent;
    } else if (event.type === "peerJoined" && !event.again) {
      this.#cameSecond = false;
    } else if (event.type === "peerLeft") {
      this.#forgetPeer();
    } else if (event.type === "received") {
      clearTimeout(this.#silentPeer);
    }
    this.#hear(event);
    const met = event.type === "peerJoined" || ((event.type === "joined" || event.type === "restored") && event.peerPresent);
    if (met) this.hello();
  }
}
