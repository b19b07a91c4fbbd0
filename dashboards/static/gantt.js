// A row a consignment, a bar a ride. Only the rows that can be seen are there: ten thousand scroll as ten do.

import { make, mark } from "./dom.js";
import { dayText, lateText, t } from "./text.js";

/**
 * @typedef {import("./plan.js").Goods} Goods
 * @typedef {import("./plan.js").Ride} Ride
 */

const ROW_PX = 30;
const DAY_S = 86_400;
const SPARE_ROWS = 6;
/** Beyond this part of the scale there is no room for a mark's words. */
const LAST_MARK = 0.95;
/** Bars that end beyond this part have their words before them, not behind. */
const TURN = 0.8;
/** A bar that is narrower has no room for its letter. */
const LETTER_PX = 26;
/** Days between two marks of the scale, by how many there are. */
const STEPS = [1, 2, 5, 7, 14];

export class Gantt {
  /**
   * @param {HTMLElement} root scrolls
   * @param {(goods: Goods) => void} choose a row was chosen
   */
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    /** @type {Goods[]} */
    this.goods = [];
    /** @type {Map<string, Ride>} */
    this.rides = new Map();
    this.chosen = "";
    this.scale = make("div", "gantt-scale");
    this.rows = make("div", "gantt-rows");
    this.rows.setAttribute("role", "listbox");
    this.rows.setAttribute("aria-label", t("plan.gantt"));
    this.rows.tabIndex = 0;
    root.replaceChildren(this.scale, this.rows);
    root.addEventListener("scroll", () => this._paint());
    this.rows.addEventListener("click", (event) => this._pick(event));
    this.rows.addEventListener("keydown", (event) => this._move(event));
    new ResizeObserver(() => this._paint()).observe(root);
  }

  /**
   * @param {Goods[]} goods @param {Map<string, Ride>} rides
   * @param {{start: number, nowS: number, fromS: number, toS: number}} time start in milliseconds since 1970
   */
  show(goods, rides, time) {
    this.goods = goods;
    this.rides = rides;
    this.time = time;
    this._drawScale();
    this.rows.style.height = `${goods.length * ROW_PX}px`;
    this._paint(true);
  }

  /** @param {string} id */
  mark(id) {
    this.chosen = id;
    this._paint(true);
    const row = this.goods.findIndex((one) => one.id === id);
    if (row < 0) return;
    const top = row * ROW_PX;
    const seen = this.root.clientHeight - this.scale.offsetHeight;
    if (top < this.root.scrollTop || top + ROW_PX > this.root.scrollTop + seen) this.root.scrollTop = top - seen / 2;
  }

  /** @param {number} s */
  _share(s) {
    const { fromS, toS } = /** @type {NonNullable<typeof this.time>} */ (this.time);
    return Math.min(1, Math.max(0, (s - fromS) / (toS - fromS)));
  }

  _drawScale() {
    const { start, fromS, toS, nowS } = /** @type {NonNullable<typeof this.time>} */ (this.time);
    const days = (toS - fromS) / DAY_S;
    const step = STEPS.find((one) => days / one <= 14) ?? 28;
    this.scale.replaceChildren();
    for (let day = Math.ceil(fromS / DAY_S); this._share(day * DAY_S) < LAST_MARK; day += step) {
      const one = make("span", "gantt-day", dayText(start + 1000 * DAY_S * day));
      one.style.setProperty("--at", String(this._share(day * DAY_S)));
      this.scale.append(one);
    }
    this.rows.style.setProperty("--now", String(this._share(nowS)));
  }

  _paint(anew = false) {
    if (!this.time) return;
    const first = Math.max(0, Math.floor(this.root.scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.min(this.goods.length, first + Math.ceil(this.root.clientHeight / ROW_PX) + 2 * SPARE_ROWS);
    if (!anew && first === this.first && last === this.last) return;
    [this.first, this.last] = [first, last];
    this.rows.replaceChildren(...this.goods.slice(first, last).map((one, n) => this._row(one, first + n)));
  }

  /** @param {Goods} goods @param {number} place */
  _row(goods, place) {
    const row = make("div", "gantt-row");
    row.id = `row-${goods.id}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(goods.id === this.chosen));
    if (goods.id === this.chosen) this.rows.setAttribute("aria-activedescendant", row.id);
    row.style.top = `${place * ROW_PX}px`;
    const name = make("span", "gantt-name", goods.id);
    const bars = make("span", "gantt-bars");
    for (const way of goods.ways) {
      for (const leg of way.legs) {
        const ride = this.rides.get(leg.service);
        if (ride) bars.append(this._bar(ride));
      }
      if (way.late_s) {
        const late = make("span", "gantt-late", lateText(way.late_s));
        const end = this._share(way.arrives_s ?? 0);
        late.style.setProperty("--from", String(end));
        mark(late, "before", end > TURN ? "" : null);
        bars.append(late);
      }
    }
    if (goods.stays) {
      bars.append(make("span", "gantt-stays", t("plan.stays")));
      mark(row, "stays", "");
    }
    const due = make("span", "gantt-due");
    due.style.setProperty("--from", String(this._share(goods.due_s)));
    bars.append(due);
    row.append(name, bars);
    return row;
  }

  /** @param {Ride} ride */
  _bar(ride) {
    const wide = (this._share(ride.arrives_s) - this._share(ride.departs_s)) * this.rows.clientWidth > LETTER_PX;
    const bar = make("span", "gantt-bar", wide ? t(`mode.${ride.mode}.short`) : "");
    bar.style.setProperty("--from", String(this._share(ride.departs_s)));
    bar.style.setProperty("--to", String(this._share(ride.arrives_s)));
    mark(bar, "mode", ride.mode);
    bar.title = `${ride.id} · ${t(`mode.${ride.mode}`)}`;
    return bar;
  }

  /** Choose the row that was pressed, by its place: a row may be made anew between press and release. @param {MouseEvent} event */
  _pick(event) {
    const goods = this.goods[Math.floor((event.clientY - this.rows.getBoundingClientRect().top) / ROW_PX)];
    if (goods) this.choose(goods);
  }

  /** @param {KeyboardEvent} event */
  _move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (!step || !this.goods.length) return;
    event.preventDefault();
    const at = this.goods.findIndex((one) => one.id === this.chosen);
    this.choose(this.goods[Math.min(this.goods.length - 1, Math.max(0, at + step))]);
  }
}
