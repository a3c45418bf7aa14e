/**
 * One peer connection of one attempt of a call: three permanent transceivers (sound, camera, screen), a data channel,
 * and the watch that notices when nothing comes any more. What feeds a transceiver changes; nothing is renegotiated.
 *
 * Posts events of the call machine with this call's id and attempt: offerReady, answerReady {sdp}, localCandidate,
 * peerConnected, peerFailed, negotiationFailed; and message {text}, channel {open}, trace {text}.
 */

import { fingerprintOf, withoutOtherFingerprints } from "./description.js";

export const KINDS = Object.freeze(["audio", "camera", "screen"]);

const LIVENESS_MS = 2500; // sound comes every 20 ms, muted or not
const LOOK_MS = 500;
const LATE_LOOK_MS = 1500; // a look that comes this late says that this page stood still, not the peer
const MAX_CANDIDATES = 64;
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** One certificate for the page's whole life, so that a peer can recognise it. */
let certificate = null;

/** Make the certificate ahead of the first call. */
export function prepare() {
  certificate ??= RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256" });
  return certificate;
}

export class Peer {
  #connection = null;
  #channel = null;
  #post;
  #name;
  #sources;
  #iceServers;
  #steps;
  #closed = false;
  #connected = false;
  #failed = false;
  #candidates = 0;
  #watch = null;

  /**
   * @param {{callId: string, attempt: number, offering: boolean, iceServers: object[]}} about
   * @param {() => Record<string, MediaStreamTrack|null>} sources the present track of each kind
   * @param {(event: object) => void} post
   */
  constructor({ callId, attempt, offering, iceServers }, sources, post) {
    this.callId = callId;
    this.attempt = attempt;
    this.remote = { audio: null, camera: null, screen: null };
    this.fingerprints = { own: null, peer: null }; // SHA-256 of the certificates in use, once known
    this.#name = offering ? "localPeerConnection" : "remotePeerConnection";
    this.#sources = sources;
    this.#iceServers = iceServers;
    this.#post = (event) => {
      if (!this.#closed) post({ callId, attempt, ...event });
    };
    this.#steps = Promise.resolve();
    this.#step(() => this.#build());
  }

  // ---- negotiation: one step after the other

  createOffer() {
    this.#step(async (connection) => {
      const stream = new MediaStream();
      for (const kind of KINDS) {
        const media = kind === "audio" ? "audio" : "video";
        const track = this.#sources()[kind];
        connection.addTransceiver(track ?? media, { direction: "sendrecv", streams: kind === "screen" ? [] : [stream] });
      }
      this.#openChannel(connection);
      this.#trace(`${this.#name} createOffer start.`);
      const offer = await connection.createOffer();
      this.fingerprints.own = fingerprintOf(offer.sdp);
      await this.#setLocal(connection, offer, "offerReady");
    });
  }

  createAnswer(sdp) {
    this.#step(async (connection) => {
      this.fingerprints.peer = fingerprintOf(sdp);
      await this.#setRemote(connection, { type: "offer", sdp });
      const tracks = this.#sources();
      const filled = connection.getTransceivers().slice(0, KINDS.length).map((transceiver, index) => {
        transceiver.direction = "sendrecv";
        return transceiver.sender.replaceTrack(tracks[KINDS[index]]);
      });
      await Promise.all(filled);
      this.#openChannel(connection);
      this.#trace(`${this.#name} createAnswer start.`);
      const answer = await connection.createAnswer();
      this.fingerprints.own = fingerprintOf(answer.sdp);
      await this.#setLocal(connection, answer, "answerReady");
    });
  }

  applyAnswer(sdp) {
    this.#step(async (connection) => {
      this.fingerprints.peer = fingerprintOf(sdp);
      await this.#setRemote(connection, { type: "answer", sdp });
    });
  }

  /** @param {{candidate: string, sdpMid: string|null, sdpMLineIndex: number|null}|null} candidate null: the last was */
  addCandidate(candidate) {
    this.#candidates += 1;
    if (this.#candidates > MAX_CANDIDATES) return;
    this.#step(async (connection) => {
      try {
        await connection.addIceCandidate(candidate ?? undefined);
        if (candidate !== null) this.#trace(`${this.#name} addIceCandidate success.`);
      } catch (error) {
        this.#trace(`${this.#name} a candidate was ignored (${error.name}).`); // one path less, not the end
      }
    });
  }

  #step(work) {
    this.#steps = this.#steps.then(async () => {
      if (this.#closed || this.#failed) return;
      try {
        await work(this.#connection);
      } catch (error) {
        if (this.#closed) return;
        // a browser's text may quote the description: the log gets the name only
        this.#failed = true;
        this.#trace(`${this.#name} negotiation failed: ${error.name}.`);
        this.#post({ type: "negotiationFailed" });
      }
    });
  }

  async #build() {
    const certificates = [await prepare()];
    if (this.#closed) return;
    const connection = new RTCPeerConnection({ iceServers: this.#iceServers, certificates, bundlePolicy: "max-bundle" });
    this.#connection = connection;
    const side = this.#name.replace("PeerConnection", "");
    this.#trace(`Created ${side} peer connection object ${this.#name}.`);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate === "") return; // Firefox says the end twice
      if (candidate !== null) this.#trace(`${this.#name} ICE candidate: ${candidate.type} ${candidate.protocol}.`);
      this.#post({ type: "localCandidate", candidate });
    };
    connection.ontrack = ({ transceiver, track }) => {
      const kind = KINDS[connection.getTransceivers().indexOf(transceiver)];
      if (kind === undefined) return;
      if (Object.values(this.remote).every((present) => present === null)) {
        this.#trace("Remote peer connection received remote stream.");
      }
      this.remote[kind] = track;
      this.#post({ type: "remoteTrack", kind });
    };
    connection.oniceconnectionstatechange = () => {
      this.#trace(`${this.#name} ICE state: ${connection.iceConnectionState}.`);
    };
    connection.onconnectionstatechange = () => this.#stateChanged(connection.connectionState);
  }

  async #setLocal(connection, description, ready) {
    this.#trace(`${this.#name} setLocalDescription start.`);
    const done = connection.setLocalDescription(description);
    this.#post({ type: ready, sdp: description.sdp }); // early: candidates follow as they are found
    await done;
    this.#trace(`${this.#name} setLocalDescription complete.`);
  }

  async #setRemote(connection, description) {
    this.#trace(`${this.#name} setRemoteDescription start.`);
    await connection.setRemoteDescription({ ...description, sdp: withoutOtherFingerprints(description.sdp) });
    this.#trace(`${this.#name} setRemoteDescription complete.`);
  }

  // ---- what is sent

  /** Feed a transceiver with another track, or with none. @param {string} kind @param {MediaStreamTrack|null} track */
  replaceTrack(kind, track) {
    this.#step(async (connection) => {
      const transceiver = connection.getTransceivers()[KINDS.indexOf(kind)];
      try {
        await transceiver?.sender.replaceTrack(track);
      } catch (error) {
        this.#trace(`${this.#name} the ${kind} could not be replaced (${error.name}).`); // the call goes on
      }
    });
  }

  /** @param {string} text @returns {boolean} false: the data channel is not open, or too full */
  send(text) {
    if (this.#channel?.readyState !== "open" || this.#channel.bufferedAmount > MAX_BUFFERED_BYTES) return false;
    this.#channel.send(text);
    return true;
  }

  #openChannel(connection) {
    const channel = connection.createDataChannel("callapp", { negotiated: true, id: 0 });
    channel.onopen = () => this.#post({ type: "channel", open: true });
    channel.onclose = () => this.#post({ type: "channel", open: false });
    channel.onmessage = ({ data }) => {
      if (typeof data === "string") this.#post({ type: "message", text: data });
    };
    this.#channel = channel;
  }

  // ---- the connection

  #stateChanged(state) {
    if (state === "connected" && !this.#connected) {
      this.#connected = true;
      this.#post({ type: "peerConnected" });
      this.#watchPackets(performance.now(), 0, performance.now());
    } else if (state === "failed") {
      this.#fail();
    }
  }

  #fail() {
    clearTimeout(this.#watch);
    if (this.#failed) return;
    this.#failed = true;
    this.#post({ type: "peerFailed" });
  }

  /** Browsers notice a peer that fell silent after 5 to 30 s; people do after two. */
  #watchPackets(lastChange, lastCount, lastLook) {
    this.#watch = setTimeout(async () => {
      const count = await this.#received();
      if (this.#closed || this.#failed) return;
      const now = performance.now();
      const stoodStill = now - lastLook > LATE_LOOK_MS;
      const change = count !== lastCount || stoodStill ? now : lastChange;
      if (now - change > LIVENESS_MS) {
        this.#trace(`${this.#name} nothing has come for ${Math.round(now - change)} ms.`);
        this.#fail();
      } else {
        this.#watchPackets(change, count, now);
      }
    }, LOOK_MS);
  }

  /** A number that grows with everything that comes. */
  async #received() {
    let sum = 0;
    for (const report of (await this.#connection.getStats()).values()) {
      if (report.type === "inbound-rtp") sum += report.packetsReceived ?? 0;
      if (report.type === "candidate-pair" && report.nominated) sum += report.bytesReceived ?? 0; // RTCP, messages
    }
    return sum;
  }

  /** From now on nothing is posted. */
  close() {
    this.#closed = true;
    clearTimeout(this.#watch);
    this.#connection?.close();
    if (this.#connection !== null) this.#connection.ontrack = this.#connection.onicecandidate = null;
  }

  #trace(text) {
    this.#post({ type: "trace", text });
  }
}
