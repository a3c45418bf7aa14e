/** The panel beside the stage: chat or log, one at a time. */

import { byId, setText, show } from "./dom.js";

const MAX_LOG_LINES = 2000;
const MAX_FIELD_PX = 120;
const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

export class Panel {
  #words;
  #session;
  #changed;
  #lines = [];
  #rendered = new Map(); // id of a chat line -> its element and the line
  open = null; // chat | log

  /** @param {import("./strings.js").Words} words @param {(text: string) => void} copy @param {() => void} changed */
  constructor(words, copy, changed) {
    this.#words = words;
    this.#changed = changed;
    byId("closePanel").addEventListener("click", () => this.toggle(this.open));
    byId("copyLog").addEventListener("click", () => copy(this.#lines.join("\n")));
    byId("chatForm").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    byId("chatText").addEventListener("keydown", (event) => {
      // Enter that ends the composing of a syllable (Korean, Japanese, Chinese) is not ours
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#say();
    });
    byId("chatText").addEventListener("input", () => this.#fit());
  }

  /** @param {import("./session.js").Session} session */
  attach(session) {
    this.#session = session;
  }

  /** @param {import("./strings.js").Words} words */
  speak(words) {
    this.#words = words;
    this.#rendered.clear();
    byId("chatLines").replaceChildren();
    this.#titles();
    this.renderChat();
  }

  /** Open this page of the panel, or close it if it is open. @param {"chat"|"log"|null} name */
  toggle(name) {
    const opener = this.open;
    this.open = this.open === name ? null : name;
    show(byId("panel"), this.open !== null);
    show(byId("chat"), this.open === "chat");
    show(byId("log"), this.open === "log");
    byId("chatButton").setAttribute("aria-expanded", String(this.open === "chat"));
    byId("logButton").setAttribute("aria-expanded", String(this.open === "log"));
    document.body.classList.toggle("panelOpen", this.open !== null);
    this.#titles();
    this.#session?.chat.read(this.open === "chat");
    if (this.open === "chat") byId("chatText").focus();
    else if (this.open === "log") byId("logText").focus();
    else if (opener !== null) byId(`${opener}Button`).focus();
    this.#changed();
  }

  #titles() {
    if (this.open !== null) setText(byId("panel").querySelector("h2"), this.#words.text(this.open));
  }

  // ---- log

  /** @param {string} line */
  log(line) {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LOG_LINES) this.#lines.splice(0, MAX_LOG_LINES / 10);
    const text = byId("logText");
    const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 20;
    setText(text, this.#lines.join("\n"));
    if (atEnd) text.scrollTop = text.scrollHeight;
  }

  // ---- chat

  renderChat() {
    if (this.#session === undefined) return;
    const { lines, open } = this.#session.chat;
    const list = byId("chatLines");
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
    show(byId("chatEmpty"), lines.length === 0);
    byId("chatSend").disabled = !open;
    if (open && byId("chatProblem").dataset.refusal === "closed") this.#problem(null);
    const known = new Set();
    for (const line of lines) {
      const key = `${line.mine}${line.id}`;
      known.add(key);
      const before = this.#rendered.get(key);
      if (before?.line === line) continue;
      const element = this.#element(line);
      if (before === undefined) list.append(element);
      else before.element.replaceWith(element);
      this.#rendered.set(key, { line, element });
    }
    for (const [key, { element }] of this.#rendered) {
      if (known.has(key)) continue;
      element.remove();
      this.#rendered.delete(key);
    }
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  #element(line) {
    const element = document.createElement("li");
    element.className = line.mine ? "mine" : "theirs";
    element.dataset.state = line.state;
    const head = document.createElement("p");
    head.className = "about";
    const name = this.#session.view.peer?.name || this.#words.text("theirNoName");
    const time = new Date(line.at * 1000).toLocaleTimeString(this.#words.language, { hour: "2-digit", minute: "2-digit" });
    head.append(`${line.mine ? this.#words.text("chatYou") : name} · ${time}`);
    const body = document.createElement("p");
    body.className = "text";
    body.dir = "auto";
    body.append(...linked(line.text));
    element.append(head, body);
    const key = { sending: "chatSending", delivered: "chatDelivered", failed: "chatFailed" }[line.state];
    if (key !== undefined) {
      const mark = document.createElement("p");
      mark.className = "mark";
      mark.append(this.#words.text(key));
      element.append(mark);
    }
    return element;
  }

  #say() {
    const field = byId("chatText");
    const refusal = this.#session.chat.say(field.value, Math.floor(Date.now() / 1000));
    this.#problem(refusal);
    if (refusal !== null) return;
    field.value = "";
    this.#fit();
    byId("chatLines").scrollTop = byId("chatLines").scrollHeight;
  }

  #problem(refusal) {
    const key = { closed: "chatClosed", full: "chatFull", too_long: "chatTooLong" }[refusal];
    const problem = byId("chatProblem");
    problem.dataset.refusal = refusal ?? "";
    show(problem, key !== undefined);
    if (key !== undefined) setText(problem, this.#words.text(key));
  }

  #fit() {
    const field = byId("chatText");
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, MAX_FIELD_PX)}px`; // and the border
    field.style.overflowY = field.scrollHeight > MAX_FIELD_PX ? "auto" : "hidden";
  }
}

/** A text with its links as links: to be clicked, never loaded. @returns {(string|Node)[]} */
function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = document.createElement("a");
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(match[0]);
    parts.push(text.slice(end, match.index), link);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
