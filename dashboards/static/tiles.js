// The map: one tile a room and a lane, in groups of one temperature class and band. Built once, then only changed.

import { byId, make, mark, say, sign, PRIORITIES } from "./dom.js";
import { isRoom } from "./store.js";
import { ageText, bandText, figure, local, signed, t } from "./text.js";

const NONE = "\u2014\u00a0\u2014";

/** Columns of the widest group: it fits the four of a small wall. */
const WIDEST = 4;

/** Up to this many rooms the tiles are large. */
const SMALL_LIMIT = 12;

/** With more rooms than this the tiles show ids only: names would leave no place for the values. */
const NAMED_LIMIT = 24;

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Zone} Zone
 * @typedef {Record<string, HTMLElement>} Parts
 */

export class Tiles {
  /** @param {HTMLElement} root @param {Store} store @param {(zone: string) => void} onChoose */
  constructor(root, store, onChoose) {
    this.store = store;
    this.onChoose = onChoose;
    /** @type {Map<number, Parts>} */
    this.parts = new Map();
    const groups = grouped(store.zones);
    const rooms = store.zones.filter(isRoom).length;
    mark(root, "named", String(rooms <= NAMED_LIMIT));
    root.style.setProperty("--desk-columns", String(rooms <= SMALL_LIMIT ? 6 : 8));
    root.style.setProperty("--wall-columns", String(rooms <= SMALL_LIMIT ? 4 : 8));
    root.replaceChildren(...[...groups.values()].map((indexes) => this.group(indexes)));
  }

  /** @param {number[]} indexes @returns {HTMLElement} */
  group(indexes) {
    const first = this.store.zones[indexes[0]];
    const lanes = first.zone_class === "lane";
    const group = make("div", lanes ? "group lanes" : "group");
    // A lane's line of text needs a tile and a half; a room that is also judged by humidity shows two values.
    const wide = lanes ? 1.5 : first.humidity_percent ? 2 : 1;
    const inRow = Math.min(indexes.length, Math.floor(WIDEST / wide));
    group.style.setProperty("--span", String(Math.ceil(inRow * wide)));
    group.style.setProperty("--in-row", String(inRow));
    const title = make("h2", "group-title", t(`class.${first.zone_class}`));
    title.append(make("span", "group-band", bandsText(first)));
    const tiles = make("div", "tiles");
    tiles.append(...indexes.map((index) => (lanes ? this.lane(index) : this.room(index))));
    group.append(title, tiles);
    return group;
  }

  /** @param {number} index @returns {HTMLElement} */
  room(index) {
    const zone = this.store.zones[index];
    const tile = make("button", "tile");
    tile.setAttribute("type", "button");
    tile.addEventListener("click", () => this.onChoose(zone.id));
    const parts = this.frame(index, tile);
    parts.band = make("span", "band");
    parts.band.append(make("span", "band-inside"), make("span", "band-pointer"));
    parts.note = make("span", "tile-note");
    parts.humidity = make("span", "tile-humidity");
    parts.door = make("span", "tile-door");
    parts.humidity.classList.add("tile-value");
    const values = make("span", "tile-values");
    values.append(parts.value, parts.humidity);
    const foot = make("span", "tile-foot");
    foot.append(parts.door);
    const gauge = make("span", "tile-gauge");
    gauge.append(parts.band, parts.note);
    tile.append(values, gauge, foot);
    placeBand(parts.band, zone.temperature_c);
    this.paint(index);
    return tile;
  }

  /** @param {number} index @returns {HTMLElement} */
  lane(index) {
    const tile = make("div", "tile lane");
    const parts = this.frame(index, tile);
    parts.note = make("span", "tile-note");
    parts.tag = make("span", "lane-tag");
    tile.append(parts.value, parts.note, parts.tag);
    this.paint(index);
    return tile;
  }

  /** @param {number} index @param {HTMLElement} tile @returns {Parts} */
  frame(index, tile) {
    const zone = this.store.zones[index];
    const head = make("span", "tile-head");
    const shape = make("span", "tile-shape");
    head.append(shape, make("span", "tile-id", zone.id.toUpperCase()), " ", make("span", "tile-name", local(zone.name)));
    tile.append(head);
    /** @type {Parts} */
    const parts = { tile, shape, value: make("span", "tile-value", NONE) };
    this.parts.set(index, parts);
    return parts;
  }

  /** Bring every tile up to date. @param {string | null} chosen the zone that is looked at */
  update(chosen) {
    const alarms = this.worstAlarms();
    for (const [index, parts] of this.parts) {
      this.paint(index);
      const zone = this.store.zones[index];
      const alarm = alarms.get(zone.id);
      mark(parts.tile, "priority", alarm?.priority ?? null);
      mark(parts.tile, "state", alarm?.state ?? null);
      const look = alarm ? `${alarm.priority} ${alarm.state}` : "";
      if (parts.shape.dataset.look !== look) {
        parts.shape.replaceChildren(...(alarm ? [sign(alarm.priority, alarm.state === "unacknowledged")] : []));
        parts.shape.dataset.look = look;
      }
      if (zone.zone_class !== "lane") parts.tile.setAttribute("aria-pressed", String(zone.id === chosen));
    }
    this.fit();
  }

  /** A wall cannot scroll: the rooms below its edge are counted. */
  fit() {
    const bottom = innerHeight;
    let more = 0;
    if (document.documentElement.dataset.mode === "wall") {
      for (const { tile } of this.parts.values()) if (tile.getBoundingClientRect().bottom > bottom) more += 1;
    }
    say(byId("map-more"), more ? t("cold.more", { count: more }) : "");
  }

  /** The most urgent alarm of each zone whose condition still stands. */
  worstAlarms() {
    /** @type {Map<string, import("./store.js").Alarm>} */
    const worst = new Map();
    for (const alarm of this.store.standing()) {
      const zone = this.store.zoneOf(alarm);
      if (!zone || alarm.returned_at || alarm.suppression) continue;
      const before = worst.get(zone.id);
      if (!before || rank(alarm) < rank(before)) worst.set(zone.id, alarm);
    }
    return worst;
  }

  /** @param {number} index */
  paint(index) {
    if (this.store.zones[index].zone_class === "lane") this.paintLane(index);
    else this.paintRoom(index);
  }

  /** @param {number} index */
  paintRoom(index) {
    const parts = this.parts.get(index);
    const room = this.store.rooms.get(index);
    if (!parts || !room) return;
    const zone = this.store.zones[index];
    const value = room.temperature;
    mark(parts.tile, "offline", value === null ? "yes" : null);
    say(parts.value, value === null ? NONE : figure(value));
    const outBy = value === null ? 0 : outside(value, zone.temperature_c);
    const wetBy = room.humidity === null ? 0 : outside(room.humidity, zone.humidity_percent);
    const out = outBy || wetBy;
    let note = out === 0 ? "" : `${out > 0 ? "▲" : "▼"}\u00a0${signed(out)}${outBy ? "" : "\u00a0%"}`;
    if (room.missing > 0 && out === 0) note = t("tile.missing", { count: room.missing });
    if (value === null) note = t("tile.offline");
    say(parts.note, note);
    mark(parts.note, "bad", room.missing > 0 && out === 0 ? "yes" : null);
    mark(parts.tile, "out", out === 0 ? null : "yes");
    if (value !== null) placePointer(parts.band, value, zone.temperature_c);
    say(parts.humidity, room.humidity === null ? "" : `${figure(room.humidity, 0)}\u00a0%RH`);
    const hasDoor = zone.points.some((point) => point.quantity === "door");
    say(parts.door, hasDoor ? t(["door.closed", "door.open", "door.unknown"][room.door]) : "");
    mark(parts.door, "open", room.door === 1 ? "yes" : null);
  }

  /** @param {number} index */
  paintLane(index) {
    const parts = this.parts.get(index);
    const lane = this.store.lanes.get(index);
    if (!parts || !lane) return;
    mark(parts.tile, "offline", lane.mass === null ? "yes" : null);
    say(parts.value, lane.mass === null ? NONE : `${figure(lane.mass, 3)}\u00a0kg`);
    say(parts.note, lane.mass === null ? t("tile.offline") : t(lane.stable ? "lane.stable" : "lane.moving"));
    mark(parts.note, "bad", lane.mass === null ? "yes" : null);
    if (lane.epc === null || lane.epcAt === null) say(parts.tag, t("lane.tag.none"));
    else {
      const age = ageText((this.store.now() - lane.epcAt) / 1000);
      say(parts.tag, `${t("lane.tag")} ${shortEpc(lane.epc)} · ${t("age.ago", { age })}`);
    }
  }
}

/** The end of a tag's code: the beginning is the same for every parcel of a sender. @param {string} epc */
function shortEpc(epc) {
  return epc.length > 8 ? `…${epc.slice(-8)}` : epc;
}

/** @param {import("./store.js").Alarm} alarm */
function rank(alarm) {
  return PRIORITIES.indexOf(/** @type {any} */ (alarm.priority));
}

/** @param {Zone} zone */
function groupKey(zone) {
  return JSON.stringify([zone.zone_class, zone.temperature_c, zone.humidity_percent]);
}

/** Indexes of rooms and lanes by group, in the order of the site. @param {Zone[]} zones @returns {Map<string, number[]>} */
function grouped(zones) {
  const groups = new Map();
  zones.forEach((zone, index) => {
    if (!isRoom(zone) && zone.zone_class !== "lane") return;
    groups.set(groupKey(zone), [...(groups.get(groupKey(zone)) ?? []), index]);
  });
  return groups;
}

/** @param {Zone} zone */
function bandsText(zone) {
  const bands = [];
  if (zone.temperature_c) bands.push(bandText(zone.temperature_c, "°C"));
  if (zone.humidity_percent) bands.push(bandText(zone.humidity_percent, "%RH"));
  return bands.join(" · ");
}

/** How far a value is outside its band; 0 inside. @param {number} value @param {import("./store.js").Band | null} band */
export function outside(value, band) {
  if (band && band.high !== null && value > band.high) return value - band.high;
  if (band && band.low !== null && value < band.low) return value - band.low;
  return 0;
}

/** The ends of a tile's bar: the band and a quarter of it on each side; ten degrees stand for an open end. */
function barRange(/** @type {import("./store.js").Band | null} */ band) {
  const low = band?.low ?? (band?.high ?? 0) - 10;
  const high = band?.high ?? (band?.low ?? 0) + 10;
  const margin = (high - low) / 4;
  return { low, high, from: low - margin, width: high - low + 2 * margin };
}

/** @param {HTMLElement} bar @param {import("./store.js").Band | null} band */
function placeBand(bar, band) {
  const { low, high, from, width } = barRange(band);
  bar.style.setProperty("--low", `${(100 * (low - from)) / width}%`);
  bar.style.setProperty("--high", `${(100 * (from + width - high)) / width}%`);
}

/** @param {HTMLElement} bar @param {number} value @param {import("./store.js").Band | null} band */
function placePointer(bar, value, band) {
  const { from, width } = barRange(band);
  const at = `${Math.round(1000 * Math.min(1, Math.max(0, (value - from) / width))) / 10}%`;
  if (bar.style.getPropertyValue("--at") !== at) bar.style.setProperty("--at", at);
}
