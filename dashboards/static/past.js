// The last parcels of a lane: those released are muted ticks, only what was stopped has weight.

import { make, mark } from "./dom.js";
import { hourText, t } from "./text.js";
import { difference, STOPS, symbol, word } from "./verdicts.js";

/**
 * @param {HTMLElement} list @param {import("./store.js").Verdict[]} verdicts newest first
 * @param {number} letters so many of a number's last are shown
 */
export function list(list, verdicts, letters) {
  const look = verdicts.map((one) => one.id).join(" ");
  if (list.dataset.look === look) return;
  list.dataset.look = look;
  list.replaceChildren(
    ...verdicts.map((verdict) => {
      const row = make("li", "past-one");
      mark(row, "stop", STOPS.includes(verdict.verdict) ? "yes" : null);
      const said = make("span", "past-word", word(verdict.verdict));
      const number = make("span", "past-parcel", tail(verdict.parcel ?? t("board.nameless"), letters));
      row.append(symbol(verdict.verdict), said, number, make("span", "past-off", difference(verdict)));
      row.append(make("time", "past-at", hourText(verdict.at)));
      return row;
    }),
  );
}

/** The end of a long number: that is what two parcels differ in. @param {string} number @param {number} letters */
export function tail(number, letters) {
  return number.length > letters ? `…${number.slice(1 - letters)}` : number;
}
