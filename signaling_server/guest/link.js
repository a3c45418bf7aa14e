/**
 * Our place in a room on the signaling server: comes back by itself when the connection is lost.
 *
 * Posts events `{type, ...}`: joined and restored {peerPresent, iceServers}, full, peerJoined, peerLeft, received
 * {text}, missed, tampered {kind}, lost, failed {code}, serverNotice {text}. What the server says is never trusted
 * further than: who seems to be there. docs/signaling-protocol.md describes the messages.
 */

import { fromUtf8, randomHex, utf8 } from "./bytes.js";
import { Interference, MAX_PLAINTEXT_BYTES, SealError, Sealer } from "./sealing.js";

const VERSION = 1;
const OUTBOX_TEXTS = 256;
const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5000;
const JOIN_TIMEOUT_MS = 8000; // to connect, and for the answer to `join`
const MAX_FRAME_CHARS = 64 * 1024;
const ID = /^[0-9a-f]{32}$/;

// errors of the server after which another attempt may help; after all others it would only repeat itself
const PASSING_ERRORS = new Set(["id_in_use", "replaced", "rate_limited", "join_timeout"]);

/** One stay in a room. */
export class Link {
  #url;
  #room;
  #post;
  #ownId = randomHex(16);
  #sealer;
  #socket = null;
  #resume = null;
  #inRoom = false;
  #wasInRoom = false;
  #lost = false;
  #peer = null; // who is there; while lost, who was
  #lastPeer = null; // whom the outbox is for
  #gapExpected = false;
  #told = new Set();
  #outbox = [];
  #sending = false;
  #inbox = Promise.resolve(); // frames are handled one after the other
  #delayMs = BACKOFF_MIN_MS;
  #timer = null;
  #closed = false;

  /**
   * @param {string} url of the WebSocket @param {string} room @param {Uint8Array} secret
   * @param {(event: object) => void} post
   */
  constructor(url, room, secret, post) {
    this.#url = url;
    this.#room = room;
    this.#post = post;
    this.#sealer = new Sealer(secret, room, this.#ownId);
  }

  /** Start to connect. */
  open() {
    this.#connect();
  }

  /**
   * Seal a text for the peer. While the connection is lost it waits, and goes out if the peer stays.
   * @param {string} text
   * @returns {boolean} false: nobody is there to send to, too much is waiting, it is too large, or the link has ended
   */
  send(text) {
    const plaintext = utf8(text);
    if (this.#closed || this.#peer === null) return false;
    if (this.#outbox.length >= OUTBOX_TEXTS || plaintext.length > MAX_PLAINTEXT_BYTES) return false;
    this.#outbox.push(plaintext);
    this.#pump();
    return true;
  }

  /** Doubt the connection (the network changed, the media fell silent): join again over a new one, at once. */
  renew() {
    if (this.#closed || !this.#wasInRoom) return;
    this.#drop();
    this.#lose();
    this.#delayMs = BACKOFF_MIN_MS;
    this.#connect();
  }

  /** Send what is still waiting, leave the room and disconnect. */
  async close() {
    if (this.#closed) return;
    while (this.#inRoom && this.#outbox.length > 0 && this.#peer !== null) {
      const before = this.#outbox.length;
      await this.#pump();
      if (this.#outbox.length >= before) break;
    }
    this.leave();
  }

  /** Leave the room and disconnect at once: nothing in here waits, for a page that is going away. */
  leave() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#inRoom && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: "leave" }));
    }
    this.#drop();
  }

  // ---- the connection

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#failed(socket), JOIN_TIMEOUT_MS);
    socket.onopen = () => {
      const join = { type: "join", v: VERSION, room: this.#room, id: this.#ownId };
      socket.send(JSON.stringify(this.#resume === null ? join : { ...join, resume: this.#resume }));
    };
    socket.onmessage = (event) => {
      this.#inbox = this.#inbox.then(() => this.#take(socket, event.data));
    };
    // after the frames that came before it
    socket.onclose = () => {
      this.#inbox = this.#inbox.then(() => this.#failed(socket));
    };
  }

  async #take(socket, frame) {
    if (socket !== this.#socket || this.#closed) return;
    const message = parse(frame);
    if (message === null) {
      this.#failed(socket);
    } else if (this.#inRoom) {
      await this.#handle(socket, message);
    } else {
      this.#enter(socket, message);
    }
  }

  #failed(socket) {
    if (socket !== this.#socket || this.#closed) return;
    this.#drop();
    this.#lose();
    this.#timer = setTimeout(() => this.#connect(), this.#delayMs * (0.5 + Math.random() / 2));
    this.#delayMs = Math.min(this.#delayMs * 2, BACKOFF_MAX_MS);
  }

  #lose() {
    this.#inRoom = false;
    if (this.#lost) return;
    this.#lost = true;
    this.#post({ type: "lost" });
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** The link has ended for good: trying again cannot help. */
  #end(event) {
    this.#inRoom = false;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
    this.#post(event);
  }

  // ---- what the server says

  #enter(socket, message) {
    switch (message.type) {
      case "joined":
        if (message.room !== this.#room || !Array.isArray(message.peers) || typeof message.resume !== "string") break;
        clearTimeout(this.#timer);
        this.#delayMs = BACKOFF_MIN_MS;
        this.#resume = message.resume;
        this.#inRoom = true;
        this.#lost = false;
        this.#peer = null;
        if (message.peers.length > 0) this.#meet(message.peers[0]);
        this.#post({
          type: this.#wasInRoom ? "restored" : "joined",
          peerPresent: this.#peer !== null,
          iceServers: iceServersOf(message.ice_servers),
        });
        this.#gapExpected ||= this.#wasInRoom;
        this.#wasInRoom = true;
        this.#pump();
        return;
      case "full":
        this.#end({ type: "full" });
        return;
      case "error":
        this.#giveWay(socket, message);
        return;
    }
    this.#end({ type: "failed", code: "SERVER_MESSAGE" });
  }

  async #handle(socket, message) {
    switch (message.type) {
      case "relay":
        if (message.from === this.#peer) await this.#openBox(message.from, String(message.payload));
        break;
      case "peer_joined":
        if (message.id === this.#peer) {
          this.#gapExpected = true; // its connection was replaced: it came back, and may have missed something
          this.#post({ type: "peerJoined", again: true });
        } else if (this.#peer === null && this.#meet(message.id)) {
          this.#post({ type: "peerJoined", again: false });
        }
        break;
      case "peer_left":
        if (message.id !== this.#peer) break;
        this.#peer = null;
        this.#post({ type: "peerLeft", crashed: message.reason !== "left" });
        break;
      case "error":
        if (message.code !== "no_peer") this.#giveWay(socket, message); // else `peer_left` says so
        break;
    }
  }

  /** @returns {boolean} false if it is a lie that this peer is in the room */
  #meet(peer) {
    if (typeof peer !== "string" || !ID.test(peer)) return false;
    if (peer === this.#ownId) {
      this.#warn(Interference.REFLECTION);
      return false;
    }
    this.#gapExpected = peer === this.#lastPeer;
    if (peer !== this.#lastPeer) {
      this.#outbox = [];
      this.#told.clear();
    }
    this.#peer = this.#lastPeer = peer;
    this.#sealer.prepare(peer);
    return true;
  }

  async #openBox(sender, box) {
    let opened;
    try {
      opened = await this.#sealer.open(sender, box);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#warn(error.kind);
      return;
    }
    if (opened.missing > 0) {
      if (this.#gapExpected) this.#post({ type: "missed" });
      else this.#warn(Interference.GAP);
    }
    this.#gapExpected = false;
    try {
      this.#post({ type: "received", text: fromUtf8(opened.plaintext) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#post({ type: "received", text: "" }); // no text: refused like any other nonsense of the peer
    }
  }

  /** Once a kind and peer. */
  #warn(kind) {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#post({ type: "tampered", kind });
  }

  #giveWay(socket, message) {
    const code = String(message.code).slice(0, 40);
    this.#post({ type: "serverNotice", text: printable(`${code}: ${message.message}`) });
    if (PASSING_ERRORS.has(code)) this.#failed(socket);
    else if (code === "unsupported_version") this.#end({ type: "failed", code: "UNSUPPORTED_VERSION" });
    else this.#end({ type: "failed", code: "SERVER_REFUSED" });
  }

  // ---- what the peer is told

  /** Seal and send what is in the outbox, one after the other; one pump at a time. */
  async #pump() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#outbox.length > 0 && this.#inRoom && this.#peer !== null) {
        const [peer, plaintext, socket] = [this.#peer, this.#outbox[0], this.#socket];
        const payload = await this.#sealer.seal(peer, plaintext);
        // the room may have changed meanwhile: to the same peer it goes again, in a new box
        if (this.#peer !== peer || this.#outbox[0] !== plaintext) continue;
        if (socket !== this.#socket || socket?.readyState !== WebSocket.OPEN) break;
        socket.send(JSON.stringify({ type: "relay", payload }));
        this.#outbox.shift();
      }
    } finally {
      this.#sending = false;
    }
  }
}

/** @returns {object|null} a message of the server, or null for anything else */
function parse(frame) {
  if (typeof frame !== "string" || frame.length > MAX_FRAME_CHARS) return null;
  try {
    const message = JSON.parse(frame);
    return typeof message === "object" && message !== null && typeof message.type === "string" ? message : null;
  } catch {
    return null;
  }
}

/** The STUN and TURN servers that the server names, in the form of RTCConfiguration. */
function iceServersOf(servers) {
  if (!Array.isArray(servers)) return [];
  return servers
    .filter((server) => Array.isArray(server?.urls) && server.urls.every((url) => /^(stun|turn)s?:/.test(url)))
    .slice(0, 8)
    .map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
}

function printable(text) {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, " ").slice(0, 240);
}
