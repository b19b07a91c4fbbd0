// A lane's verdict as people read it: a symbol and a word, why, where to, and how heavy it was.

import { make, svg } from "./dom.js";
import { figure, lang, local, t } from "./text.js";

/** @typedef {import("./store.js").Verdict} Verdict */

const NONE = "\u2014";

/** Verdicts that stop a parcel: red, until somebody has dealt with it. */
export const STOPS = ["hold", "inspect"];

/** @type {Record<string, string>} */
const SYMBOLS = {
  release: "M5 17l8 9L27 6",
  hold: "M7 7l18 18M25 7L7 25",
  inspect: "M13 4a9 9 0 1 1 0 18a9 9 0 1 1 0-18zM20 20l8 8",
  recheck: "M26 16a10 10 0 1 1-3-7.2M24 3v6.5h-6.5",
  wait: "M6 16h.1M16 16h.1M26 16h.1",
};

/** @param {string} verdict @returns {SVGElement} */
export function symbol(verdict) {
  const root = svg("svg", { viewBox: "0 0 32 32", class: "symbol", "aria-hidden": "true" });
  root.append(svg("path", { d: SYMBOLS[verdict] ?? SYMBOLS.wait }));
  return root;
}

/** The word of a verdict. @param {string} verdict */
export function word(verdict) {
  const said = t(`verdict.${verdict}`);
  return lang === "en" ? said.charAt(0).toUpperCase() + said.slice(1) : said;
}

/** Why, in the few words that are read from afar. @param {Verdict} verdict */
export function brief(verdict) {
  return verdict.reasons.length ? t(`brief.${verdict.reasons[0].why}`) : "";
}

/** Every reason in full. @param {Verdict} verdict @returns {string[]} */
export function reasons(verdict) {
  return verdict.reasons.map(({ why, of = {} }) => {
    const values = { ...of };
    if (of.clearance) values.clearance = t(`clearance.${of.clearance}`);
    if (of.verdict) values.verdict = t(`verdict.${of.verdict}`);
    return t(`why.${why}`, values);
  });
}

/** Where it goes, if the site says so. @param {import("./store.js").SiteLane} lane @param {Verdict} verdict */
export function place(lane, verdict) {
  const found = lane.places[verdict.verdict];
  return found ? `→ ${local(found)}` : "";
}

/** The share by which it is off what was declared, or null. @param {Verdict} verdict */
function share({ weighed, declared }) {
  return weighed === undefined || !declared ? null : (weighed - declared) / declared;
}

/** @param {Verdict} verdict */
export function difference(verdict) {
  const off = share(verdict);
  if (off === null) return NONE;
  const percent = Math.round(1000 * off) / 10 + 0; // there is no "minus nought"
  // Beyond this the figure says no more than "something else", and would not fit.
  if (Math.abs(percent) >= 1000) return percent > 0 ? "> +999\u00a0%" : `<\u00a0${figure(-999, 0)}\u00a0%`;
  return `${percent > 0 ? "+" : ""}${figure(percent)}\u00a0%`;
}

/** @param {number | undefined} kg */
function mass(kg) {
  return kg === undefined ? NONE : figure(kg, kg < 100 ? 2 : 1);
}

/** The four figures. @param {Verdict | null} verdict @returns {HTMLElement} */
export function figures(verdict) {
  const root = make("dl", "figures");
  /** @type {[string, string][]} */
  const shown = [
    ["figure.tag", verdict ? t(verdict.tags ? "figure.read" : "figure.unread") : NONE],
    ["figure.declared", mass(verdict?.declared)],
    ["figure.weighed", mass(verdict?.weighed)],
    ["figure.difference", verdict ? difference(verdict) : NONE],
  ];
  for (const [name, value] of shown) {
    const pair = make("div", "figure");
    pair.append(make("dt", "", t(name)), make("dd", "", value));
    root.append(pair);
  }
  return root;
}

/** How far off, against the band: its middle third is what may be. @param {Verdict | null} verdict @returns {HTMLElement} */
export function deviation(verdict) {
  const root = make("div", "deviation");
  root.append(make("span", "deviation-band"));
  const { weighed, declared, band } = verdict ?? {};
  if (weighed !== undefined && declared !== undefined && band) {
    const at = Math.min(1, Math.max(-1, (weighed - declared) / (3 * band)));
    const pointer = make("span", "deviation-pointer");
    pointer.style.setProperty("--at", String(Math.round(500 + 500 * at) / 1000));
    root.append(pointer);
  }
  return root;
}
