// What the page knows: the site as its files say, and the picture that the stream's frames add up to.

/**
 * @typedef {{low: number | null, high: number | null}} Band
 * @typedef {{id: string, quantity: string, unit: string, label: string | null}} Point
 * @typedef {{id: string, name: {zh: string, en: string}, zone_class: string, temperature_c: Band | null,
 *   humidity_percent: Band | null, points: Point[]}} Zone
 * @typedef {{id: string, definition: string, point: string, state: string, priority: string, occurred_at: number,
 *   value?: number, returned_at?: number, acknowledged_by?: string, suppression?: string, until?: number,
 *   waits_for?: "confirm" | "reset", marks?: string[], unseen?: number[]}} Alarm
 * @typedef {{temperature: number | null, missing: number, door: number, humidity: number | null}} Room
 * @typedef {{mass: number | null, stable: boolean, reason: string | null, epc: string | null, epcAt: number | null}} Lane
 * @typedef {{id: string, verdict: string, at: number, reasons: {why: string, of?: Record<string, string | number>}[],
 *   parcel?: string, codes?: string[], tags: number, declared?: number, weighed?: number, band?: number}} Verdict
 * @typedef {{lane: string, busy: boolean, today: Record<string, number>, down: [string, string | null, number][],
 *   last: Verdict[]}} LaneBoard
 * @typedef {{id: string, name: {zh: string, en: string}, places: Record<string, {zh: string, en: string}>}} SiteLane
 * @typedef {[string, number | null, string, string | null, number | null]} Probe id, value, quality, reason, age in s
 */

/** Whether a zone is a room in which goods are kept at a temperature; a truck is not in the house. @param {Zone} zone */
export function isRoom(zone) {
  return !["lane", "vehicle"].includes(zone.zone_class) && zone.points.some((point) => point.quantity === "temperature");
}

export class Store {
  /** @param {any} site the answer of /api/v1/site */
  constructor(site) {
    this.site = site;
    /** @type {Zone[]} */
    this.zones = site.zones;
    /** @type {Map<string, {zone: Zone, point: Point}>} */
    this.points = new Map(this.zones.flatMap((zone) => zone.points.map((point) => [point.id, { zone, point }])));
    /** @type {Map<string, any>} */
    this.definitions = new Map(site.definitions.map((/** @type {any} */ one) => [one.id, one]));
    /** @type {Map<number, Room>} */
    this.rooms = new Map();
    /** @type {Map<number, Lane>} */
    this.lanes = new Map();
    /** @type {SiteLane[]} */
    this.siteLanes = site.lanes;
    /** @type {Map<string, LaneBoard>} what each lane says, on pages that ask for it */
    this.boards = new Map();
    /** @type {Map<string, Alarm>} */
    this.alarms = new Map();
    /** @type {[string, string, string | null, string, string | null][]} */
    this.links = [];
    /** @type {{zone: string, points: Probe[]} | null} */
    this.room = null;
    this.seq = -1;
    /** Control's clock minus this machine's, in milliseconds: ages and the clock are control's. */
    this.skew = 0;
    this.build = "";
    this.simulated = site.simulated;
  }

  /** The moment at control. */
  now() {
    return Date.now() + this.skew;
  }

  /**
   * Take a frame in.
   * @param {import("./stream.js").Frame} frame
   * @returns {boolean} false when frames before it are missing
   */
  apply(frame) {
    this.skew = frame.at - Date.now();
    if (frame.kind === "room") {
      this.room = { zone: frame.zone, points: frame.points };
      return true;
    }
    if (frame.kind === "lanes") {
      for (const board of frame.lanes) this.boards.set(board.lane, board);
      return true;
    }
    if (frame.kind === "snapshot") {
      this.alarms.clear();
      this.build = frame.build;
    } else if (frame.seq !== this.seq + 1) {
      return false;
    }
    this.seq = /** @type {number} */ (frame.seq);
    for (const [index, temperature, missing, door, humidity] of frame.rooms ?? []) {
      this.rooms.set(index, { temperature, missing: missing ?? 0, door: door ?? 0, humidity: humidity ?? null });
    }
    for (const [index, mass, stable, reason, epc, epcAt] of frame.lanes ?? []) {
      this.lanes.set(index, { mass, stable: stable === 1, reason, epc, epcAt });
    }
    for (const alarm of frame.alarms ?? []) this.alarms.set(alarm.id, alarm);
    if (frame.links) this.links = frame.links;
    this.simulated = frame.simulated ?? this.simulated;
    return true;
  }

  /** Alarms that still want attention: what must be answered first, then by priority, then newest first. */
  standing() {
    const rank = { critical: 0, high: 1, low: 2 };
    return [...this.alarms.values()]
      .filter((alarm) => alarm.state !== "normal")
      .sort(
        (a, b) =>
          Number(isQuiet(a)) - Number(isQuiet(b)) ||
          rank[/** @type {"low"} */ (a.priority)] - rank[/** @type {"low"} */ (b.priority)] ||
          b.occurred_at - a.occurred_at,
      );
  }

  /** The zone an alarm belongs to. @param {Alarm} alarm */
  zoneOf(alarm) {
    return this.points.get(alarm.point)?.zone ?? null;
  }
}

/** Whether nobody has to be told of an alarm now: it is acknowledged, or kept from people. @param {Alarm} alarm */
function isQuiet(alarm) {
  return alarm.state === "acknowledged" || alarm.suppression !== undefined;
}
