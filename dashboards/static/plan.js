// A plan: what it costs and is proved to be, who goes when, by which line, and why; what stays, and what is booked.

import { byId, make, mark, say } from "./dom.js";
import { Gantt } from "./gantt.js";
import { LineMap } from "./line_map.js";
import { fetchPatiently, header } from "./planner.js";
import { showOthers } from "./other_ways.js";
import { grouped, local, momentText, money, t } from "./text.js";
import { asked, remember } from "./url.js";
import { showWay } from "./way.js";

/**
 * @typedef {{zh: string, en: string}} Text
 * @typedef {{id: string, name: Text, kind: string, latitude: number, longitude: number}} Place
 * @typedef {{offer: string, kind: string, units: number, price_fen: number, filled: number}} Booked
 * @typedef {{id: string, mode: string, carrier: string, origin: string, destination: string, departs_s: number,
 *   arrives_s: number, booking_s: number, documents_s: number, customs_s: number, gate_in_s: number, booked: Booked[]}} Ride
 * @typedef {{cut_offs: {name: string, at_s: number, slack_s: number}[], legs: {service: string, offer: string}[],
 *   mass_g: number, waits_s: number[], arrives_s: number | null, p80_s: number | null, late_s: number, exposed_s: number, missed: number[], due_chance: number}} Way
 * @typedef {{id: string, origin: string, destination: string, band: string, mass_g: number, ready_s: number,
 *   due_s: number, latest_s: number, ways: Way[], stays: string | null, stays_fen: number}} Goods
 * @typedef {{instance: string, start: string, now_s: number, cost: Record<string, number>, total_fen: number,
 *   bound_fen: number | null, gap: number | null, mass_g: number, places: Place[], rides: Ride[], goods: Goods[]}} Picture
 */

const COST_PARTS = ["booking", "freight", "handling", "storage", "duty", "time", "late", "spoilage", "carbon", "unplanned"];
const DAY_S = 86_400;

class PlanPage {
  /** @param {string} plan its name @param {Picture} picture */
  constructor(plan, picture) {
    this.plan = plan;
    this.picture = picture;
    this.start = Date.parse(picture.start);
    this.places = new Map(picture.places.map((one) => [one.id, one]));
    this.rides = new Map(picture.rides.map((one) => [one.id, one]));
    this.goods = [...picture.goods].sort((one, other) => this._first(one) - this._first(other));
    this.map = new LineMap(byId("map"));
    this.gantt = new Gantt(byId("gantt"), (goods) => this.choose(goods.id));
    this.map.show(picture.places, this._lines());
    this._figures();
    this._costs();
    this._stays();
    this._bookings();
    const filter = /** @type {HTMLInputElement} */ (byId("filter"));
    filter.value = asked("filter") ?? "";
    filter.addEventListener("input", () => {
      remember("filter", filter.value || null);
      this._filter();
    });
    this._filter();
    this.choose(asked("goods") ?? "");
  }

  /** When the goods set out, those that stay first. @param {Goods} goods */
  _first(goods) {
    return goods.stays ? -1 : Math.min(...goods.ways.map((way) => this.rides.get(way.legs[0].service)?.departs_s ?? 0));
  }

  /** @param {string} id */
  place(id) {
    const found = this.places.get(id);
    return found ? local(found.name) : id;
  }

  /** @param {number} s */
  moment(s) {
    return momentText(this.start + 1000 * s);
  }

  /** @returns {import("./line_map.js").Line[]} */
  _lines() {
    /** @type {Map<string, import("./line_map.js").Line>} */
    const lines = new Map();
    for (const way of this.picture.goods.flatMap((one) => one.ways)) {
      for (const leg of way.legs) {
        const ride = this.rides.get(leg.service);
        if (!ride) continue;
        const key = `${ride.origin} ${ride.destination}`;
        const line = lines.get(key) ?? { from: ride.origin, to: ride.destination, mass: 0 };
        line.mass += way.mass_g;
        lines.set(key, line);
      }
    }
    return [...lines.values()];
  }

  _figures() {
    const { picture } = this;
    const ways = picture.goods.flatMap((one) => one.ways);
    const stay = picture.goods.filter((one) => one.stays).length;
    const late = ways.filter((way) => way.late_s).length;
    const sure = ways.filter((way) => way.due_chance >= 0.8).length;
    /** @type {[string, string, string][]} */
    const shown = [
      ["plan.total", money(picture.total_fen), t("plan.per-kg", { fen: perKg(picture) })],
      ["plan.gap", picture.gap === null ? t("plan.unknown") : `${(100 * picture.gap).toFixed(2)}\u00a0%`, bound(picture)],
      ["plan.goods", String(picture.goods.length - stay), t("plan.goods.stay", { count: stay })],
      ["plan.on-time", `${sure} / ${ways.length}`, t("plan.on-time.late", { count: late })],
      ["plan.co2e", `${(picture.cost.co2e_g / 1e6).toFixed(1)}\u00a0t`, t("plan.tonnes", { tonnes: grouped(picture.mass_g / 1e6, 1) })],
      ["plan.filled", `${Math.round(100 * this._filled())}\u00a0%`, t("plan.rides", { count: picture.rides.length })],
    ];
    byId("figures").replaceChildren(
      ...shown.map(([name, value, more]) => {
        const one = make("div", "kpi");
        one.append(make("dt", "", t(name)), make("dd", "kpi-value", value), make("dd", "kpi-more", more));
        return one;
      }),
    );
    mark(byId("figures"), "stay", stay ? "" : null);
  }

  /** How full what is booked is, by the price of it. */
  _filled() {
    const booked = this.picture.rides.flatMap((ride) => ride.booked);
    const price = booked.reduce((sum, one) => sum + one.price_fen, 0);
    return price ? booked.reduce((sum, one) => sum + one.price_fen * one.filled, 0) / price : 0;
  }

  _costs() {
    const most = Math.max(...COST_PARTS.map((part) => this.picture.cost[part] ?? 0), 1);
    byId("costs").replaceChildren(
      ...COST_PARTS.filter((part) => this.picture.cost[part]).map((part) => {
        const row = make("tr");
        const bar = make("span", "bar");
        bar.style.setProperty("--share", String(this.picture.cost[part] / most));
        const cell = make("td", "bar-cell");
        cell.append(bar);
        row.append(make("th", "", t(`cost.${part}`)), cell, make("td", "number", money(this.picture.cost[part])));
        return row;
      }),
    );
  }

  _stays() {
    const stay = this.goods.filter((one) => one.stays);
    byId("stays-none").hidden = stay.length > 0;
    byId("stays").replaceChildren(
      ...stay.map((one) => {
        const row = make("li");
        const name = make("button", "plain", one.id);
        name.addEventListener("click", () => this.choose(one.id));
        row.append(name, make("span", "", t(`stays.${one.stays}`)), make("span", "number", money(one.stays_fen)));
        return row;
      }),
    );
  }

  _bookings() {
    byId("bookings").replaceChildren(
      ...this.picture.rides.flatMap((ride) =>
        ride.booked.map((one) => {
          const row = make("tr");
          const bar = make("span", "bar");
          bar.style.setProperty("--share", String(Math.min(1, one.filled)));
          const filled = make("td", "bar-cell");
          filled.append(bar, make("span", "", `${Math.round(100 * one.filled)}\u00a0%`));
          const way = `${this.place(ride.origin)} → ${this.place(ride.destination)}`;
          row.append(
            make("td", "", this.moment(ride.departs_s)),
            make("td", "", `${t(`mode.${ride.mode}`)} · ${ride.carrier}`),
            make("td", "", way),
            make("td", "", t(`unit.${one.kind}`)),
            make("td", "number", String(one.units)),
            filled,
            make("td", "number", money(one.price_fen)),
            make("td", "", this.moment(ride.booking_s)),
          );
          return row;
        }),
      ),
    );
  }

  _filter() {
    const words = /** @type {HTMLInputElement} */ (byId("filter")).value.trim().toLowerCase();
    const shown = this.goods.filter((one) => this._words(one).includes(words));
    const rides = shown.flatMap((one) => one.ways).flatMap((way) => way.legs.map((leg) => this.rides.get(leg.service)));
    const ends = rides.map((ride) => ride?.arrives_s ?? 0);
    const begins = rides.map((ride) => ride?.departs_s ?? 0);
    say(byId("shown"), t("plan.shown", { count: shown.length, all: this.goods.length }));
    this.gantt.show(shown, this.rides, {
      start: this.start,
      nowS: this.picture.now_s,
      fromS: Math.floor((begins.length ? Math.min(...begins) : 0) / DAY_S) * DAY_S,
      toS: Math.ceil((ends.length ? Math.max(...ends) : DAY_S) / DAY_S + 0.5) * DAY_S,
    });
  }

  /** What a consignment is found by. @param {Goods} one */
  _words(one) {
    const ways = one.ways.flatMap((way) => way.legs.map((leg) => leg.service));
    const ends = [one.origin, one.destination].flatMap((id) => [id, this.place(id)]);
    return [one.id, ...ends, ...ways, one.stays ? t("plan.stays") : ""].join(" ").toLowerCase();
  }

  /** @param {string} id */
  choose(id) {
    const goods = this.picture.goods.find((one) => one.id === id);
    remember("goods", goods ? id : null);
    const legs = goods ? goods.ways.flatMap((way) => way.legs) : [];
    this.map.choose(legs.flatMap(({ service }) => this._ends(service)));
    this.gantt.mark(goods ? id : "");
    byId("way-none").hidden = goods !== undefined;
    byId("way").replaceChildren();
    if (!goods) return;
    showWay(byId("way"), this, goods);
    showOthers(byId("way"), this, goods);
  }

  /** @param {string} service @returns {[string, string][]} */
  _ends(service) {
    const ride = this.rides.get(service);
    return ride ? [[ride.origin, ride.destination]] : [];
  }
}

/** @param {Picture} picture */
function perKg(picture) {
  return picture.mass_g ? (picture.total_fen / 100 / (picture.mass_g / 1000)).toFixed(2) : "0";
}

/** @param {Picture} picture */
function bound(picture) {
  return picture.bound_fen === null ? t("plan.bound.none") : t("plan.bound", { cny: money(picture.bound_fen) });
}

await header();
const plan = document.body.dataset.plan ?? "";
new PlanPage(plan, await fetchPatiently(`/api/v1/plan/plans/${plan}/picture`));
mark(document.body, "shown", "");
