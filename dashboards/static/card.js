// The card of a lane: its verdict in one word, and below it what people need to act on it.

import { make, mark } from "./dom.js";
import { t } from "./text.js";
import { brief, deviation, figures, place, reasons, STOPS, symbol, word } from "./verdicts.js";

/** For so long a release is shown in full colour; then its card is grey again. */
export const FRESH_MS = 4000;

/**
 * @typedef {import("./store.js").Verdict} Verdict
 * @typedef {import("./store.js").SiteLane} SiteLane
 * @typedef {{look: string, parcel: string, why: string[], to?: string, verdict: Verdict | null,
 *   handled?: boolean}} Shown
 */

/** What is shown of a verdict. @param {SiteLane} lane @param {Verdict} verdict @param {boolean} long every reason in full */
export function judged(lane, verdict, long) {
  const why = long ? reasons(verdict) : [brief(verdict)];
  const parcel = verdict.parcel ?? verdict.codes?.[0] ?? t("board.nameless");
  return { look: verdict.verdict, parcel, why, to: place(lane, verdict), verdict };
}

/** A parcel that was scanned and has no verdict yet. @param {string} code @param {string} why @returns {Shown} */
export function pending(code, why) {
  return { look: "pending", parcel: code, why: [why], verdict: null };
}

/**
 * Show it; written only when it is another one.
 * @param {HTMLElement} card @param {Shown | null} shown null: nothing is known, or the lane is out of order
 * @param {string} [instead] what is said then
 */
export function paint(card, shown, instead = "") {
  const look = JSON.stringify([shown, instead]);
  if (card.dataset.shown === look) return;
  card.dataset.shown = look;
  mark(card, "verdict", shown?.look ?? "none");
  mark(card, "stop", shown && STOPS.includes(shown.look) && !shown.handled ? "yes" : null);
  mark(card, "handled", shown?.handled ? "yes" : null);
  if (!shown) {
    card.replaceChildren(make("p", "verdict-word", "\u2014\u00a0\u2014"), make("p", "verdict-why", instead));
    return;
  }
  const head = make("p", "verdict-word");
  head.append(symbol(shown.look), make("span", "", shown.look === "pending" ? t("station.pending") : word(shown.look)));
  const why = make("div", "verdict-whys");
  why.append(...shown.why.filter(Boolean).map((one) => make("p", "verdict-why", one)));
  if (shown.to) why.append(make("p", "verdict-place", shown.to));
  card.replaceChildren(
    head,
    make("p", "verdict-parcel", shown.parcel),
    why,
    figures(shown.verdict),
    deviation(shown.verdict),
  );
}
