// The chosen room: its probes as they are now, and its trend.

import { draw } from "./chart.js";
import { byId, make, mark, say } from "./dom.js";
import { isRoom } from "./store.js";
import { fetchSeries, RANGES } from "./series.js";
import { figure, local, t } from "./text.js";
import { asked, remember } from "./url.js";

const REFRESH_MS = 15_000;

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./series.js").Series} Series
 */

export class Room {
  /** @param {Store} store @param {(zone: string) => void} onTurn told when another room is looked at */
  constructor(store, onTurn) {
    this.store = store;
    this.onTurn = onTurn;
    const rooms = store.zones.filter(isRoom);
    this.zone = rooms.find((zone) => zone.id === asked("zone")) ?? rooms[0] ?? store.zones[0];
    /** @type {string | null} the one probe that is looked at; null for all */
    this.point = this.probes().find((point) => point.id === asked("point"))?.id ?? null;
    /** @type {keyof typeof RANGES} */
    this.range = asked("range") === "1h" ? "1h" : "24h";
    /** Whether somebody chose the range; else a site that has just begun shows its first hour large. */
    this.ranged = asked("range") !== null;
    /** @type {Series | null} */
    this.series = null;
    this.asking = 0;
    this.buildRanges();
    this.buildProbes();
    new ResizeObserver(() => this.paintChart()).observe(byId("chart"));
    setInterval(() => void this.refresh(), REFRESH_MS);
  }

  probes() {
    return this.zone.points.filter((point) => point.quantity === "temperature");
  }

  /** @param {string} id */
  choose(id) {
    const zone = this.store.zones.find((one) => one.id === id);
    if (!zone || zone === this.zone) return;
    this.zone = zone;
    this.point = null;
    remember("zone", id);
    remember("point", null);
    this.onTurn(id);
    this.buildProbes();
    void this.refresh();
  }

  buildRanges() {
    const buttons = Object.keys(RANGES).map((range) => {
      const button = make("button", "small", t(`room.range.${range}`));
      button.setAttribute("type", "button");
      button.dataset.range = range;
      button.addEventListener("click", () => {
        this.range = /** @type {"1h" | "24h"} */ (range);
        this.ranged = true;
        remember("range", range);
        void this.refresh();
      });
      return button;
    });
    byId("ranges").replaceChildren(...buttons);
  }

  buildProbes() {
    this.series = null;
    const buttons = this.probes().map((point) => {
      const button = make("button", "probe");
      button.setAttribute("type", "button");
      button.dataset.point = point.id;
      button.append(make("span", "probe-id", point.label ?? point.id), make("span", "probe-value"), make("span", "probe-note"));
      button.addEventListener("click", () => {
        this.point = this.point === point.id ? null : point.id;
        remember("point", this.point);
        void this.refresh();
      });
      return button;
    });
    byId("probes").replaceChildren(...buttons);
    this.update();
  }

  /** The probes as they are now. */
  update() {
    const now = this.store.room?.zone === this.zone.id ? this.store.room.points : [];
    const values = new Map(now.map((probe) => [probe[0], probe]));
    for (const button of byId("probes").children) {
      const element = /** @type {HTMLElement} */ (button);
      const id = /** @type {string} */ (element.dataset.point);
      const [, value, quality] = values.get(id) ?? [id, null, "none", null, null];
      const humidity = values.get(id.replace(/temperature$/, "humidity"))?.[1] ?? null;
      element.setAttribute("aria-pressed", String(this.point === id));
      mark(element, "quality", quality);
      say(element.children[1], value === null ? "\u2014\u00a0\u2014" : `${figure(value)}\u00a0°C`);
      const spoilt = quality === "good" ? "" : t(`quality.${quality}`);
      say(element.children[2], spoilt || (humidity === null ? "" : `${figure(humidity)}\u00a0%RH`));
    }
    for (const button of byId("ranges").children) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.range === this.range));
    }
    say(byId("room-title"), t("room.of", { room: this.name(), range: t(`room.range.${this.range}`) }));
  }

  name() {
    return `${this.zone.id.toUpperCase()} ${local(this.zone.name)}`;
  }

  /** Ask for the series anew. An answer that has been overtaken by another question is dropped. */
  async refresh() {
    if (document.documentElement.dataset.mode === "wall") return; // it shows no trend
    this.asking += 1;
    const mine = this.asking;
    this.update();
    const points = this.point ? [this.point] : this.probes().map((point) => point.id);
    try {
      const series = await fetchSeries(points, this.range, this.store.now());
      if (mine !== this.asking) return;
      const first = series.mean.findIndex((value) => value !== null);
      if (!this.ranged && first >= 0 && series.x[first] > this.store.now() / 1000 - RANGES["1h"].seconds) {
        this.ranged = true;
        this.range = "1h";
        void this.refresh();
        return;
      }
      this.series = series;
      this.paintChart();
    } catch {
      if (mine === this.asking && !this.series) this.tell(t("room.unavailable"));
    }
  }

  /** @param {string} text in place of the chart */
  tell(text) {
    byId("chart").replaceChildren(make("p", "empty", text));
    byId("chart").setAttribute("aria-label", text);
  }

  paintChart() {
    const series = this.series;
    if (!series) return;
    const known = /** @type {number[]} */ ([...series.low, ...series.high].filter((value) => value !== null));
    if (known.length === 0) {
      this.tell(t("room.no-data"));
      return;
    }
    const to = this.store.now() / 1000;
    const from = to - RANGES[this.range].seconds;
    draw(byId("chart"), { series, band: this.zone.temperature_c, marks: this.marks(from), from, to });
    const low = figure(Math.min(...known));
    const high = figure(Math.max(...known));
    const range = t(`room.range.${this.range}`);
    byId("chart").setAttribute("aria-label", t("room.say", { room: this.name(), range, low, high, unit: "°C" }));
  }

  /** Alarms of the room's temperatures, at the moment and value that raised them. @param {number} from */
  marks(from) {
    const names = new Set(this.probes().map((point) => point.id));
    return [...this.store.alarms.values()]
      .filter((alarm) => names.has(alarm.point) && alarm.value !== undefined && alarm.occurred_at / 1000 >= from)
      .map((alarm) => ({
        at: alarm.occurred_at / 1000,
        value: /** @type {number} */ (alarm.value),
        priority: alarm.priority,
        filled: alarm.state === "unacknowledged",
      }));
  }
}
