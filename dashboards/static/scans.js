// What was scanned at a station and is not on record yet: kept in the browser, sent one at a time, in order.

import { post } from "./post.js";

const AGAIN_MS = 1000;

/** The same label within this time is one scan: a hand that trembles, a scanner that reads twice. */
const SAME_MS = 2000;

/** More are not taken: at one every ten seconds that is an hour and a half without control. */
export const QUEUE_LIMIT = 500;

/** @typedef {{id: string, code: string, at: number}} Scan */

export class Scans {
  /**
   * @param {string} lane
   * @param {object} parts
   * @param {() => number} parts.now the moment at control
   * @param {() => string} parts.by who is told to have scanned
   * @param {(scan: Scan, refused: string) => void} parts.onAnswer it is on record, or will never be
   * @param {() => void} parts.onChange something was queued or left the queue
   */
  constructor(lane, { now, by, onAnswer, onChange }) {
    this.lane = lane;
    this.key = `coldport.scans.${lane}`;
    this.now = now;
    this.by = by;
    this.onAnswer = onAnswer;
    this.onChange = onChange;
    this.live = false;
    this.sending = false;
    this.last = { code: "", at: -Infinity };
    this.newestAt = -Infinity;
  }

  /** @returns {Scan[]} oldest first */
  queued() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  /** @param {Scan[]} scans */
  keep(scans) {
    localStorage.setItem(this.key, JSON.stringify(scans));
    this.onChange();
  }

  /** @param {string} code @returns {"taken" | "same" | "full"} */
  add(code) {
    const at = performance.now();
    const same = code === this.last.code && at - this.last.at < SAME_MS;
    this.last = { code, at };
    if (same) return "same";
    const queued = this.queued();
    if (queued.length >= QUEUE_LIMIT) return "full";
    // What this machine takes for control's time may go back by a hair; the order of the scans does not.
    this.newestAt = Math.max(this.newestAt + 1, Math.round(this.now()));
    try {
      this.keep([...queued, { id: name(), code, at: this.newestAt }]);
    } catch {
      return "full"; // the browser keeps no more
    }
    void this.send();
    return "taken";
  }

  /** @param {boolean} live scans are sent while the data is live, and wait otherwise */
  setLive(live) {
    this.live = live;
    void this.send();
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let [scan] = this.queued(); scan && this.live; [scan] = this.queued()) await this.sendOne(scan);
    } finally {
      this.sending = false;
    }
  }

  /** @param {Scan} scan it stays in the queue when there was no answer */
  async sendOne(scan) {
    const refused = await this.post(scan);
    if (refused === null) {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
      return;
    }
    this.keep(this.queued().filter((one) => one.id !== scan.id));
    this.onAnswer(scan, refused);
  }

  /** @param {Scan} scan @returns {Promise<string | null>} why it is refused for good, "" when it was taken, null: again */
  async post({ id, code, at }) {
    const by = this.by();
    // A clock that was set meanwhile must not date a scan into control's future: it would be refused.
    const moment = new Date(Math.min(at, this.now())).toISOString();
    const act = { entry: "scanned", lane: this.lane, code, at: moment, by, id };
    const { status, reason } = await post("/api/v1/floor/acts", act);
    return status === 0 || status >= 500 || status === 429 ? null : reason;
  }
}

/** A name that no other scan has. There is no randomUUID on plain http. */
function name() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
