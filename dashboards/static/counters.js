// The counters of the header: alarms that nobody has acknowledged, by shape.

import { wanted } from "./answer.js";
import { byId, make, sign, PRIORITIES } from "./dom.js";
import { t } from "./text.js";

export class Counters {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.root = byId("counters");
  }

  update() {
    /** @type {Record<string, number>} */
    const counts = { critical: 0, high: 0, low: 0 };
    for (const alarm of this.store.standing()) if (wanted(alarm) === "acknowledge") counts[alarm.priority] += 1;
    const look = JSON.stringify(counts);
    if (this.root.dataset.look === look) return;
    this.root.dataset.look = look;
    this.root.setAttribute("aria-label", t("shell.counters.say", counts));
    this.root.replaceChildren(
      ...PRIORITIES.map((priority) => {
        const counter = make("span", "counter");
        counter.append(sign(priority, counts[priority] > 0), make("span", "", String(counts[priority])));
        return counter;
      }),
    );
  }
}
