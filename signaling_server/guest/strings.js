/** The words of the page in the languages that it speaks. A test demands the same keys of all. */

import * as en from "./strings_en.js";
import * as ko from "./strings_ko.js";

/** Every table of every language: `texts`, `notices` and `devices`. */
export const LANGUAGES = Object.freeze({ en, ko });

/** @type {Readonly<Record<string, string>>} the languages by their own names */
export const LANGUAGE_NAMES = Object.freeze({ en: "English", ko: "한국어" });

/** @param {readonly string[]} wished as in navigator.languages @returns {string} the first that the page speaks */
export function bestLanguage(wished) {
  for (const tag of wished) {
    const language = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, language)) return language;
  }
  return "en";
}

/** The page's words in one language. */
export class Words {
  #tables;

  /** @param {string} language en | ko */
  constructor(language) {
    this.language = language;
    this.#tables = LANGUAGES[language];
  }

  /** @param {string} key @param {Record<string, string|number>} values for the {names} in it @returns {string} */
  text(key, values = {}) {
    return fill(this.#tables.texts[key], values);
  }

  /** @returns {{tone: string, title: string, step: string, details: string}} a banner's words */
  notice({ code, error, kind, detail }, values = {}) {
    if (code !== "DEVICE") {
      const [tone, title, step] = this.#tables.notices[code];
      return { tone, title: fill(title, values), step: fill(step, values), details: "" };
    }
    const about = this.#tables.devices[error] ?? this.#tables.devices.other;
    const [title, step] = about[kind] ?? about.devices;
    return { tone: "error", title, step, details: [error, detail].filter(Boolean).join(": ") };
  }
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
