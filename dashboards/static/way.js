// One consignment beside its plan: each leg with its cut-offs and how much time is left to them, and what else it could do.

import { make, mark } from "./dom.js";
import { grouped, lateText, money, t } from "./text.js";

/**
 * @typedef {import("./plan.js").Goods} Goods
 * @typedef {import("./plan.js").Way} Way
 * @typedef {{picture: import("./plan.js").Picture, rides: Map<string, import("./plan.js").Ride>,
 *   place: (id: string) => string, moment: (s: number) => string}} Page
 */

const HOUR_S = 3600;
/** A connection that is missed more often than this is said to be unsure. */
const UNSURE = 0.1;

/** @param {number} s */
function hours(s) {
  return t("plan.hours", { hours: grouped(s / HOUR_S, s < 10 * HOUR_S ? 1 : 0) });
}

/** @param {HTMLElement} root @param {Page} page @param {Goods} goods */
export function showWay(root, page, goods) {
  const head = make("div", "way-head");
  head.append(
    make("h3", "way-name", goods.id),
    make("p", "", `${page.place(goods.origin)} → ${page.place(goods.destination)}`),
    make("p", "muted", `${grouped(goods.mass_g / 1000)}\u00a0kg · ${t(`band.${goods.band}`)}`),
    make("p", "muted", t("plan.due", { when: page.moment(goods.due_s) })),
  );
  root.append(head);
  if (goods.stays) {
    const stays = make("p", "way-stays", t(`stays.${goods.stays}`));
    root.append(stays, make("p", "muted", t("plan.stays.costs", { cny: money(goods.stays_fen) })));
  }
  for (const way of goods.ways) root.append(one(page, goods, way));
}

/** @param {Page} page @param {Goods} goods @param {Way} way */
function one(page, goods, way) {
  const list = make("ol", "legs");
  if (goods.ways.length > 1) list.append(make("li", "leg-part", t("plan.part", { kg: grouped(way.mass_g / 1000) })));
  way.legs.forEach((leg, n) => {
    const ride = page.rides.get(leg.service);
    if (!ride) return;
    const row = make("li", "leg");
    const cutOff = way.cut_offs[n];
    row.append(
      make("span", "leg-mode", t(`mode.${ride.mode}`)),
      make("span", "leg-way", `${page.place(ride.origin)} → ${page.place(ride.destination)}`),
      make("span", "muted", `${ride.id} · ${ride.carrier}`),
      make("span", "", `${page.moment(ride.departs_s)} → ${page.moment(ride.arrives_s)}`),
      make("span", "muted", t("plan.wait", { time: hours(way.waits_s[n]) })),
      make("span", "muted", t("plan.cut-off", { which: t(`cut-off.${cutOff.name}`), when: page.moment(cutOff.at_s), left: hours(cutOff.slack_s) })),
    );
    const missed = n ? way.missed[n - 1] : 0;
    if (missed > 0) {
      const chance = make("span", "leg-missed", t("plan.missed", { percent: (100 * missed).toFixed(missed < 0.1 ? 1 : 0) }));
      mark(chance, "unsure", missed > UNSURE ? "" : null);
      row.append(chance);
    }
    list.append(row);
  });
  const end = make("li", "leg leg-end");
  end.append(make("span", "", way.arrives_s === null ? "" : t("plan.arrives", { when: page.moment(way.arrives_s) })));
  end.append(make("span", "muted", way.p80_s === null ? t("plan.p80.none") : t("plan.p80", { when: page.moment(way.p80_s) })));
  end.append(make("span", "muted", t("plan.due.chance", { percent: Math.round(100 * way.due_chance) })));
  if (way.late_s) end.append(make("span", "leg-late", lateText(way.late_s)));
  if (way.exposed_s) end.append(make("span", "muted", t("plan.exposed", { time: hours(way.exposed_s) })));
  list.append(end);
  return list;
}
