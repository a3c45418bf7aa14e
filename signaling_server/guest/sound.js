/** What the page does with sound besides playing it: the microphone's level, and silence to send while it is off. */

const FLOOR_DB = -60; // shown as 0

export class Sound {
  #context = null;
  #analyser = null;
  #input = null;
  #samples = null;
  #silence = null;

  /** Only counts in the person's click: a browser keeps sound suspended before that. */
  open() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
  }

  /**
   * A track of silence. It is really sent: the other side's playout clock lives on it, and so does its watch that
   * notices when we are gone.
   * @returns {MediaStreamTrack|null} null before `open`
   */
  silence() {
    if (this.#context === null) return null;
    if (this.#silence === null) {
      const source = new ConstantSourceNode(this.#context, { offset: 0 });
      const target = new MediaStreamAudioDestinationNode(this.#context, { channelCount: 1 });
      source.connect(target);
      source.start();
      [this.#silence] = target.stream.getAudioTracks();
    }
    return this.#silence;
  }

  /** Measure this microphone from now on, or none. @param {MediaStreamTrack|null} track */
  listen(track) {
    this.#input?.disconnect();
    this.#input = null;
    if (track === null || this.#context === null) return;
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: 512 });
    this.#samples ??= new Float32Array(this.#analyser.fftSize);
    try {
      this.#input = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
      this.#input.connect(this.#analyser);
    } catch {
      this.#input = null; // Firefox refuses a device of another sample rate: then there is no level to show
    }
  }

  /** @returns {number} 0 to 1 */
  level() {
    if (this.#input === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    if (power === 0) return 0;
    return Math.min(1, Math.max(0, 1 - (10 * Math.log10(power)) / FLOOR_DB));
  }

  close() {
    this.#silence?.stop();
    this.#context?.close().catch(() => {});
    this.#context = this.#analyser = this.#input = this.#silence = null;
  }
}
