// The station of one lane: scan, read the verdict, deal with what was stopped.

import { FRESH_MS, judged, paint, pending } from "./card.js";
import { byId, mark, say } from "./dom.js";
import { listen } from "./field.js";
import { ask, operator, prepare, send } from "./override.js";
import { list } from "./past.js";
import { Scans } from "./scans.js";
import { open } from "./shell.js";
import { hourText, t } from "./text.js";
import { sound } from "./tones.js";
import { STOPS, word } from "./verdicts.js";
import { lookUp, Waiting } from "./waiting.js";

/** Verdicts that somebody has dealt with: more than the lane's list is long. */
const HANDLED_LIMIT = 50;

/** Of a number in the list: what there is room for beside difference and time, on a phone too. */
const PAST_LETTERS = 12;

/**
 * @typedef {import("./store.js").Verdict} Verdict
 * @typedef {import("./scans.js").Scan} Scan
 */

class Station {
  /** @param {string} lane */
  constructor(lane) {
    this.lane = lane;
    this.live = false;
    /** @type {import("./store.js").Store | null} there once control has answered; scans are taken before */
    this.store = null;
    /** @type {Verdict | null} the verdict on the card */
    this.shown = null;
    this.newest = "";
    this.freshUntil = 0;
    this.key = `coldport.handled.${lane}`;
    this.waiting = new Waiting();
    this.scans = new Scans(lane, {
      now: () => this.store?.now() ?? Date.now(),
      by: () => operator() || `station ${lane}`.slice(0, 60),
      onAnswer: (scan, refused) => this.taken(scan, refused),
      onChange: () => this.update(),
    });
    const field = /** @type {HTMLInputElement} */ (byId("scan"));
    this.field = field;
    listen(field, {
      onCode: (code) => this.scan(code),
      onComposing: (on) => (byId("scan-warning").hidden = !on),
    });
    byId("keyboard").addEventListener("click", () => {
      field.inputMode = field.inputMode === "none" ? "text" : "none";
      byId("keyboard").setAttribute("aria-pressed", String(field.inputMode === "text"));
      field.blur(); // a tablet shows its keyboard only to a field that gets the focus anew
      field.focus();
    });
    byId("handled").addEventListener("click", () => this.handle());
    byId("override").addEventListener("click", () => void this.overrule());
    prepare();
  }

  get board() {
    return this.store?.boards.get(this.lane) ?? null;
  }

  /** @param {string} code */
  scan(code) {
    const how = this.scans.add(code);
    this.note(t(`scan.${how}`, { code }), how === "full");
    this.update();
  }

  /** What became of a scan, in words beside the field. @param {string} words @param {boolean} [bad] */
  note(words, bad = false) {
    say(byId("scan-note"), words);
    mark(byId("scan-note"), "bad", bad ? "yes" : null);
  }

  /** @param {Scan} scan @param {string} refused */
  taken(scan, refused) {
    if (refused) this.note(t("scan.refused", { code: scan.code, reason: refused }), true);
    else this.waiting.add(scan);
    this.answer();
    this.update();
  }

  /** Say what the lane says of what was scanned. */
  answer() {
    for (const { scan, verdict } of this.waiting.answered(this.board?.last ?? [])) {
      this.note(t("scan.judged", { code: scan.code, verdict: word(verdict.verdict), time: hourText(verdict.at) }));
    }
  }

  /** @param {Scan} scan */
  async ask({ code }) {
    const found = await lookUp(code);
    if (!found) return this.note(t("scan.unasked", { code }), true);
    if (!found.known) {
      sound("unknown");
      return this.note(t("scan.unknown", { code }), true);
    }
    const { standing } = found;
    if (!standing) return this.note(t("scan.unweighed", { code }));
    const at = hourText(Date.parse(standing.at));
    return this.note(t("scan.judged", { code, verdict: word(standing.verdict), time: at }));
  }

  /** @param {import("./stream.js").Frame} frame */
  show(frame) {
    if (frame.kind !== "lanes") return;
    const board = this.board;
    if (!board) return;
    const [verdict] = board.last;
    if (this.newest && verdict && verdict.id !== this.newest) this.arrive(verdict);
    if (!this.newest && localStorage.getItem(this.key) === null) {
      this.keepHandled(board.last.slice(1).map((one) => one.id)); // what a new station finds is not its own to deal with
    }
    this.newest = verdict?.id ?? "none";
    this.answer();
    this.update();
  }

  /** @param {Verdict} verdict */
  arrive({ verdict }) {
    if (verdict === "release") {
      this.freshUntil = performance.now() + FRESH_MS;
      sound("release");
    } else if (STOPS.includes(verdict)) sound("stop");
  }

  /** @returns {Set<string>} */
  handled() {
    try {
      return new Set(JSON.parse(localStorage.getItem(this.key) ?? "[]"));
    } catch {
      return new Set();
    }
  }

  /** @param {string[]} ids newest first */
  keepHandled(ids) {
    localStorage.setItem(this.key, JSON.stringify(ids.slice(0, HANDLED_LIMIT)));
  }

  handle() {
    if (!this.live || !this.shown) return;
    this.keepHandled([this.shown.id, ...this.handled()]);
    this.field.focus(); // else the Enter of a scan gun would press the button again
    this.update();
  }

  async overrule() {
    const verdict = this.shown;
    if (!this.live || !verdict?.parcel) return;
    const said = await ask(verdict);
    this.field.focus();
    // The data may have been lost while something was asked for: then people press again, knowing it.
    if (!said || !this.live) return;
    const reason = await send(verdict, said);
    say(byId("station-failed"), reason ? t("station.refused", { reason }) : "");
  }

  /** What the card shows: what is stopped first, then what waits, then the last verdict. */
  update() {
    const board = this.board;
    const queued = this.scans.queued();
    say(byId("scan-queued"), queued.length ? t("scan.queued", { count: queued.length }) : "");
    const handled = this.handled();
    const stops = (board?.last ?? []).filter((one) => STOPS.includes(one.verdict) && !handled.has(one.id));
    const scanned = queued.at(-1) ?? this.waiting.newest();
    this.shown = stops[0] ?? (scanned ? null : (board?.last[0] ?? null));
    const card = byId("verdict");
    const lane = this.store?.siteLanes.find((one) => one.id === this.lane);
    if (this.shown && lane) paint(card, { ...judged(lane, this.shown, true), handled: handled.has(this.shown.id) });
    else if (scanned) paint(card, pending(scanned.code, t(queued.length ? "station.kept" : "station.on-scale")));
    else paint(card, null, t("station.nothing"));
    say(byId("station-more"), stops.length > 1 ? t("station.more", { count: stops.length - 1 }) : "");
    byId("handled").hidden = stops.length === 0;
    byId("override").hidden = !this.shown?.parcel;
    if (board) list(byId("past"), board.last, PAST_LETTERS);
    byId("past-none").hidden = Boolean(board?.last.length);
    const down = (board?.down ?? []).map(([line]) => line).join(" · ");
    say(byId("station-down"), down ? t("station.down", { lines: down }) : "");
    this.fade();
    this.enable();
  }

  fade() {
    const fresh = this.live && this.shown?.id === this.newest && performance.now() < this.freshUntil;
    mark(byId("verdict"), "fresh", fresh ? "yes" : null);
  }

  enable() {
    for (const name of ["handled", "override"]) {
      /** @type {HTMLButtonElement} */ (byId(name)).disabled = !this.live;
    }
  }

  tick() {
    this.fade();
    for (const scan of this.live ? this.waiting.given() : []) {
      void this.ask(scan);
      this.update();
    }
  }

  /** @param {boolean} live */
  setLive(live) {
    this.live = live;
    this.scans.setLive(live);
    this.update();
  }
}

const root = /** @type {HTMLElement} */ (document.querySelector("main"));
const station = new Station(root.dataset.lane ?? "");
void open((store) => {
  station.store = store;
  station.update();
  return {
    query: () => "lanes=true",
    show: (frame) => station.show(frame),
    setLive: (live) => station.setLive(live),
    tick: () => station.tick(),
  };
});
