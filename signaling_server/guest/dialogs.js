/** The dialogs: devices and language, what the lock means, the keys. */

import { byId, setText, show } from "./dom.js";
import { LANGUAGE_NAMES } from "./strings.js";

export class Dialogs {
  #words;
  #host;
  #media;
  /** @type {Promise<{emoji: string, en: string, ko: string}[]|null>} now, while the server is there */
  #emoji = fetch("/guest/emoji.json").then((response) => response.json()).catch(() => null);

  /**
   * @param {import("./strings.js").Words} words @param {string} host @param {import("./media.js").Media} media
   * @param {{language: (name: string) => void, rename: (name: string) => void}} act
   */
  constructor(words, host, media, act) {
    this.#words = words;
    this.#host = host;
    this.#media = media;
    for (const [id, kind] of [["cameraChoice", "camera"], ["microphoneChoice", "microphone"]]) {
      byId(id).addEventListener("change", () => media.choose(kind, byId(id).value));
    }
    byId("speakerChoice").addEventListener("change", () => this.#chooseSpeaker(byId("speakerChoice").value));
    byId("nameText").addEventListener("change", () => act.rename(byId("nameText").value));
    const languages = Object.entries(LANGUAGE_NAMES).map(([value, name]) => new Option(name, value));
    byId("languageChoice").replaceChildren(...languages);
    byId("languageChoice").addEventListener("change", () => act.language(byId("languageChoice").value));
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
    }
  }

  /** @param {import("./strings.js").Words} words */
  speak(words) {
    this.#words = words;
    byId("languageChoice").value = words.language;
    this.renderDevices();
  }

  /** @param {string} id */
  open(id) {
    if (document.querySelector("dialog[open]") === null) byId(id).showModal();
  }

  renderDevices() {
    const { devices } = this.#media;
    this.#fill("cameraChoice", "camera", devices, "videoinput", this.#media.chosen("camera"));
    this.#fill("microphoneChoice", "microphone", devices, "audioinput", this.#media.chosen("microphone"));
    const speaker = byId("remoteVideo");
    const canChoose = typeof speaker.setSinkId === "function" && devices.some(({ kind }) => kind === "audiooutput");
    show(byId("speakerLine"), canChoose);
    if (canChoose) this.#fill("speakerChoice", "speaker", devices, "audiooutput", speaker.sinkId);
  }

  #fill(id, key, devices, kind, chosen) {
    // before the first permission browsers list devices without id and name: those cannot be chosen
    const known = devices.filter((device) => device.kind === kind && device.deviceId !== "");
    const options = known.map((device, index) => {
      const number = { kind: this.#words.text(key), number: index + 1 };
      return new Option(device.label || this.#words.text("deviceNumber", number), device.deviceId);
    });
    if (!known.some(({ deviceId }) => deviceId === "default")) {
      options.unshift(new Option(this.#words.text("deviceDefault"), ""));
    }
    const before = Array.from(byId(id).options, ({ value, text }) => value + text).join("\n");
    if (before !== options.map(({ value, text }) => value + text).join("\n")) byId(id).replaceChildren(...options);
    byId(id).value = options.some(({ value }) => value === chosen) ? chosen : options[0].value;
  }

  async #chooseSpeaker(deviceId) {
    try {
      await byId("remoteVideo").setSinkId(deviceId);
    } catch {
      this.renderDevices(); // the browser refused it: show what is in use
    }
  }

  /** @param {object} view of Session */
  async renderLock({ lock, sas }) {
    const key = { changed: "lockChangedText", interference: "lockInterferenceText" }[lock] ?? "lockTrustsText";
    setText(byId("lockText"), this.#words.text(key, { host: this.#host }));
    setText(byId("sasText"), this.#words.text(sas === null ? "sasMissing" : "sasText"));
    show(byId("sasEmoji"), sas !== null);
    show(byId("sasDigits"), sas !== null);
    if (sas === null) return;
    setText(byId("sasDigits"), `${sas.digits.slice(0, 3)} ${sas.digits.slice(3)}`);
    const table = await this.#emoji;
    show(byId("sasEmoji"), table !== null); // without it the digits remain
    if (table === null) return;
    byId("sasEmoji").replaceChildren(
      ...sas.emoji.map((place) => {
        const item = document.createElement("li");
        const picture = document.createElement("span");
        picture.setAttribute("aria-hidden", "true");
        picture.append(table[place].emoji);
        item.append(picture, table[place][this.#words.language]);
        return item;
      }),
    );
  }
}
