// The lane board: a column a lane, and what the day has brought.

import { FRESH_MS, judged, paint } from "./card.js";
import { byId, make, mark, say } from "./dom.js";
import { list, tail } from "./past.js";
import { open } from "./shell.js";
import { ageText, lang, local, t } from "./text.js";
import { STOPS } from "./verdicts.js";
import { asked } from "./url.js";

/** More lanes than this are not readable on one screen: `?lanes=` says which ones it shows. */
const LANE_LIMIT = 14;

const PAST = 5;

/** How many letters of a parcel's number have room on the card and in the list, by layout. @type {Record<string, number[]>} */
const LETTERS = { 1: [40, 20], 2: [24, 20], 3: [24, 12], 4: [18, 8], 8: [18, 8], 14: [8, 8] };

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").SiteLane} SiteLane
 * @typedef {{column: HTMLElement, state: HTMLElement, card: HTMLElement, past: HTMLElement, newest: string | null,
 *   freshUntil: number}} Column
 */

class Board {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.live = false;
    const wanted = asked("lanes")?.split(",");
    const chosen = store.siteLanes.filter((lane) => !wanted || wanted.includes(lane.id));
    this.lanes = chosen.slice(0, LANE_LIMIT);
    this.layout = layout(this.lanes.length);
    /** @type {Map<string, Column>} */
    this.columns = new Map();
    const root = byId("lanes");
    mark(root, "layout", this.layout);
    root.replaceChildren(...this.lanes.map((lane) => this.column(lane)));
    byId("lanes-none").hidden = this.lanes.length > 0;
    const more = chosen.length - this.lanes.length;
    say(byId("lanes-more"), more ? t("board.more", { count: more }) : "");
  }

  /** @param {SiteLane} lane @returns {HTMLElement} */
  column(lane) {
    const column = make("section", "lane-column panel");
    const head = make("div", "lane-head");
    const name = make("h2", "lane-name");
    const link = make("a", "", local(lane.name));
    link.setAttribute("href", `/lane/${encodeURIComponent(lane.id)}?lang=${lang}`);
    name.append(link);
    const state = make("p", "lane-state");
    head.append(name, state);
    const card = make("div", "verdict");
    const past = make("ol", "past");
    past.setAttribute("aria-label", t("board.past"));
    column.append(head, card, past);
    this.columns.set(lane.id, { column, state, card, past, newest: null, freshUntil: 0 });
    paint(card, null, t("board.nothing"));
    return column;
  }

  show() {
    for (const lane of this.lanes) this.paint(lane);
    this.total();
  }

  /** @param {SiteLane} lane */
  paint(lane) {
    const parts = this.columns.get(lane.id);
    const board = this.store.boards.get(lane.id);
    if (!parts || !board) return;
    const [verdict] = board.last;
    const down = board.down.length > 0;
    mark(parts.column, "down", down ? "yes" : null);
    mark(parts.column, "busy", board.busy ? "yes" : null);
    say(parts.state, this.state(board));
    const shown = verdict && !down ? judged(lane, verdict, false) : null;
    const lines = board.down.map(([line]) => line).join(" · ");
    paint(parts.card, shown && { ...shown, parcel: tail(shown.parcel, LETTERS[this.layout][0]) }, down ? lines : t("board.nothing"));
    list(parts.past, board.last.slice(down ? 0 : 1, PAST + (down ? 0 : 1)), LETTERS[this.layout][1]);
    if (verdict && verdict.id !== parts.newest) {
      // What stood there when the page came is no news.
      if (parts.newest !== null) parts.freshUntil = performance.now() + FRESH_MS;
      parts.newest = verdict.id;
    }
    parts.newest ??= "";
    this.fade(parts);
  }

  /** @param {import("./store.js").LaneBoard} board */
  state(board) {
    if (board.down.length) {
      const since = Math.min(...board.down.map(([, , at]) => at));
      return t("board.down", { age: ageText((this.store.now() - since) / 1000) });
    }
    return t(board.busy ? "board.busy" : "board.running");
  }

  /** @param {Column} parts */
  fade({ card, freshUntil }) {
    mark(card, "fresh", this.live && performance.now() < freshUntil ? "yes" : null);
  }

  tick() {
    for (const parts of this.columns.values()) this.fade(parts);
  }

  /** @param {boolean} live */
  setLive(live) {
    this.live = live;
    this.tick();
  }

  total() {
    /** @type {Record<string, number>} */
    const sums = {};
    for (const lane of this.lanes) {
      for (const [verdict, count] of Object.entries(this.store.boards.get(lane.id)?.today ?? {})) {
        sums[verdict] = (sums[verdict] ?? 0) + count;
      }
    }
    const all = Object.values(sums).reduce((sum, count) => sum + count, 0);
    const stopped = STOPS.reduce((sum, verdict) => sum + (sums[verdict] ?? 0), 0);
    say(byId("total-all"), grouped(all));
    say(byId("total-release"), grouped(sums.release ?? 0));
    say(byId("total-stopped"), grouped(stopped));
    say(byId("total-share"), all ? `${((100 * stopped) / all).toFixed(1)}\u00a0%` : "");
    say(byId("total-round"), grouped((sums.recheck ?? 0) + (sums.wait ?? 0)));
  }
}

/** How many lanes lie in what grid: 1, 2, 3 or 4 side by side, 4 by 2, or 7 by 2. @param {number} lanes */
function layout(lanes) {
  if (lanes <= 4) return String(Math.max(1, lanes));
  return lanes <= 8 ? "8" : "14";
}

/** Thousands apart by a thin space. @param {number} count */
function grouped(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

void open((store) => {
  const board = new Board(store);
  return {
    query: () => "lanes=true",
    show: () => board.show(),
    setLive: (live) => board.setLive(live),
    tick: () => board.tick(),
  };
});
