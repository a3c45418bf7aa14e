/** The few things that the page does to its elements. Writes only what has changed, so nothing is read out twice. */

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return document.getElementById(id);
}

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The accessible name, and the tooltip. @param {Element} element @param {string} text */
export function setLabel(element, text) {
  if (element.getAttribute("aria-label") === text) return;
  element.setAttribute("aria-label", text);
  if (element instanceof HTMLButtonElement) element.title = text;
}

/** @param {Element} element @param {boolean} visible */
export function show(element, visible) {
  element.toggleAttribute("hidden", !visible);
}

/** @param {Element} element one with a <use> inside, for the symbols of index.html @param {string} name */
export function setIcon(element, name) {
  const use = element.querySelector("use");
  const address = `#icon-${name}`;
  if (use.getAttribute("href") !== address) use.setAttribute("href", address);
}
