// Making and changing elements. A change is written only when it is one: a wall of tiles is told the same a lot.

/**
 * @param {string} tag @param {string} [className] @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element;
}

/** @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement | SVGElement} element @param {string} name @param {string | null} value null takes it off */
export function mark(element, name, value) {
  if (value === null) delete element.dataset[name];
  else if (element.dataset[name] !== value) element.dataset[name] = value;
}

/**
 * @param {string} tag @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** The priorities, most urgent first, and the digit each is known by. */
export const PRIORITIES = /** @type {const} */ (["critical", "high", "low"]);

/** @type {Record<string, string>} */
const OUTLINES = {
  critical: "M10 2h12l8 8v12l-8 8H10l-8-8V10z",
  high: "M16 3 30.5 29h-29z",
  low: "M16 2a14 14 0 1 1 0 28a14 14 0 1 1 0-28z",
};

/**
 * Return the sign of a priority: octagon 1, triangle 2, circle 3. Shape and digit carry the meaning, colour repeats it.
 * @param {string} priority @param {boolean} filled outline only: acknowledged, returned, or none to count
 * @returns {SVGElement}
 */
export function sign(priority, filled) {
  const root = svg("svg", { viewBox: "0 0 32 32", class: "sign", "aria-hidden": "true" });
  root.dataset.priority = priority;
  root.dataset.filled = String(filled);
  const digit = svg("text", { x: 16, y: priority === "high" ? 26.5 : 22, "text-anchor": "middle" });
  digit.textContent = String(PRIORITIES.indexOf(/** @type {any} */ (priority)) + 1);
  root.append(svg("path", { d: OUTLINES[priority] ?? OUTLINES.low }), digit);
  return root;
}
