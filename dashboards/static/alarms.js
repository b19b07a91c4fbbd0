// The alarm list and its buttons. A command goes out once, while the data is live, or not at all.

import { askMore, send, shelvable, wanted } from "./answer.js";
import { byId, make, mark, say, sign } from "./dom.js";
import { ageText, hourText, limit, local, t } from "./text.js";

const HOLD_ORDER_MS = 2000;
const NAME_KEY = "coldport.operator";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Alarm} Alarm
 * @typedef {{row: HTMLElement, look: string, title: HTMLElement, action: HTMLElement, age: HTMLElement,
 *   end: HTMLElement, shape: HTMLElement}} Row
 */

export class Alarms {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    /** @type {Map<string, string>} what came of a button, by alarm */
    this.failed = new Map();
    /** @type {Set<string>} buttons whose answer is awaited */
    this.pending = new Set();
    this.live = false;
    this.touchedAt = -Infinity;
    this.list = byId("alarm-list");
    this.list.addEventListener("pointerdown", () => (this.touchedAt = performance.now()));
    byId("operator").addEventListener("click", () => void this.askName());
    byId("who-cancel").addEventListener("click", () => dialog().close());
    this.showName();
  }

  /** @param {boolean} live buttons work only while the data is live */
  setLive(live) {
    this.live = live;
    for (const button of this.list.querySelectorAll("button")) this.enable(button);
  }

  /** @param {HTMLButtonElement} button */
  enable(button) {
    button.disabled = !this.live || this.pending.has(button.value);
  }

  update() {
    const standing = this.store.standing();
    const names = new Set(standing.map((alarm) => alarm.id));
    for (const [id, { row }] of this.rows) {
      if (names.has(id)) continue;
      row.remove();
      this.rows.delete(id);
      this.failed.delete(id);
    }
    for (const alarm of standing) this.paint(alarm, this.isAlone(alarm, standing));
    // A row never moves away under a finger; new ones wait at the end meanwhile.
    if (performance.now() - this.touchedAt > HOLD_ORDER_MS) this.order(standing);
    byId("alarm-none").hidden = standing.length > 0;
    this.fit();
  }

  /** A wall cannot scroll: what does not fit is counted. */
  fit() {
    const rows = /** @type {HTMLElement[]} */ ([...this.list.children]);
    for (const row of rows) row.hidden = false;
    let more = 0;
    if (document.documentElement.dataset.mode === "wall") {
      const bottom = this.list.getBoundingClientRect().bottom;
      for (const row of rows) if (row.getBoundingClientRect().bottom > bottom + 1) more += 1;
      for (const row of rows.slice(rows.length - more)) row.hidden = true;
    }
    say(byId("alarm-more"), more ? t("alarms.more", { count: more }) : "");
  }

  /** @param {Alarm[]} standing */
  order(standing) {
    standing.forEach((alarm, place) => {
      const row = /** @type {Row} */ (this.rows.get(alarm.id)).row;
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
    });
  }

  /** Whether no other alarm stands in the same zone: "first" says nothing then. @param {Alarm} alarm @param {Alarm[]} standing */
  isAlone(alarm, standing) {
    const zone = this.store.zoneOf(alarm);
    return standing.filter((other) => this.store.zoneOf(other) === zone).length < 2;
  }

  /** @param {Alarm} alarm @param {boolean} alone */
  paint(alarm, alone) {
    const row = this.rows.get(alarm.id) ?? this.build(alarm);
    const failed = this.failed.get(alarm.id) ?? "";
    const kept = [alarm.suppression, alarm.until, alarm.waits_for, alarm.marks, alone];
    const look = JSON.stringify([alarm.state, alarm.priority, alarm.acknowledged_by, failed, kept]);
    say(row.age, ageText((this.store.now() - alarm.occurred_at) / 1000));
    if (row.look === look) return;
    row.look = look;
    mark(row.row, "state", alarm.suppression ? "suppressed" : alarm.state);
    row.shape.replaceChildren(sign(alarm.priority, alarm.state === "unacknowledged" && speaks(alarm)));
    say(row.title, [...words(alarm, alone), this.title(alarm)].join(" · "));
    const definition = this.store.definitions.get(alarm.definition);
    say(row.action, failed || (definition ? `→ ${local(definition.action)}` : ""));
    mark(row.action, "failed", failed ? "yes" : null);
    row.end.replaceChildren(this.end(alarm));
  }

  /** @param {Alarm} alarm @returns {Row} */
  build(alarm) {
    const parts = {
      row: make("li", "alarm"),
      look: "",
      shape: make("span", "alarm-shape"),
      title: make("span", "alarm-title"),
      action: make("span", "alarm-action"),
      age: make("span", "alarm-age"),
      end: make("span", "alarm-end"),
    };
    const words = make("span", "alarm-words");
    words.append(parts.title, parts.action);
    parts.row.append(parts.shape, make("span", "alarm-place", this.place(alarm)), words, parts.age, parts.end);
    this.rows.set(alarm.id, parts);
    this.list.append(parts.row);
    return parts;
  }

  /** @param {Alarm} alarm */
  place(alarm) {
    const point = this.store.points.get(alarm.point);
    return point ? (point.point.label ?? point.zone.id.toUpperCase()) : alarm.point;
  }

  /** @param {Alarm} alarm */
  title(alarm) {
    const definition = this.store.definitions.get(alarm.definition);
    if (!definition) return t("alarms.unknown", { definition: alarm.definition });
    const below = definition.kind === "LO" || definition.kind === "LOLO";
    const timed = ["OPEN", "ON", "OFF"].includes(definition.kind);
    // A limit says something beside its name only where it is one of the value or of time; a slope's or a count's does not.
    if (!timed && !["HI", "HIHI", "LO", "LOLO", "STALE"].includes(definition.kind)) return local(definition.name);
    const bound = timed ? definition.on_delay_s : definition.limit;
    const unit = timed ? "s" : definition.unit;
    return `${local(definition.name)} ${below ? "<" : ">"}\u00a0${limit(bound)}\u00a0${unit}`;
  }

  /** @param {Alarm} alarm @returns {HTMLElement} */
  end(alarm) {
    const act = wanted(alarm);
    if (!act) {
      const kept = alarm.suppression ? t(`alarms.kept.${alarm.suppression}`) : t("alarms.acknowledged");
      const done = make("span", "alarm-done", kept);
      const until = alarm.until ? t("alarms.until", { time: hourText(alarm.until) }) : "";
      done.append(make("span", "alarm-by", alarm.suppression ? until : (alarm.acknowledged_by ?? "")));
      if (shelvable(alarm)) done.append(this.button(alarm, "shelve", "plain"));
      return done;
    }
    return this.button(alarm, act, "primary");
  }

  /** @param {Alarm} alarm @param {import("./answer.js").Act} act @param {string} look */
  button(alarm, act, look) {
    const button = /** @type {HTMLButtonElement} */ (make("button", look, t(`alarms.${act}`)));
    button.type = "button";
    button.value = alarm.id;
    const name = this.title(alarm);
    button.setAttribute("aria-label", t(`alarms.${act}.say`, { place: this.place(alarm), name }));
    button.addEventListener("click", () => void this.press(alarm, act, button));
    this.enable(button);
    return button;
  }

  /** @param {Alarm} alarm @param {import("./answer.js").Act} act @param {HTMLButtonElement} button */
  async press(alarm, act, button) {
    const { id } = alarm;
    const by = operator() || (await this.askName());
    const more = by ? await askMore(alarm, act) : null;
    // The data may have been lost while something was asked for: then the operator presses again, knowing it.
    if (!more || !this.live || this.pending.has(id)) return;
    this.pending.add(id);
    this.enable(button);
    const reason = await send(id, act, { by, ...more });
    this.pending.delete(id);
    this.enable(button);
    if (reason) this.failed.set(id, t("alarms.refused", { reason }));
    else this.failed.delete(id);
    this.update();
  }

  /** Ask who works here. @returns {Promise<string>} empty when the question was not answered */
  askName() {
    const box = dialog();
    const input = /** @type {HTMLInputElement} */ (byId("who-name"));
    input.value = operator();
    box.returnValue = "";
    box.showModal();
    return new Promise((resolve) => {
      box.addEventListener(
        "close",
        () => {
          const name = box.returnValue === "ok" ? input.value.trim() : "";
          if (name) localStorage.setItem(NAME_KEY, name);
          this.showName();
          resolve(name);
        },
        { once: true },
      );
    });
  }

  showName() {
    const name = operator();
    say(byId("operator"), name ? t("operator.name", { name }) : t("operator.none"));
  }
}

/** What is to be known of an alarm before its name. @param {Alarm} alarm @param {boolean} alone @returns {string[]} */
function words(alarm, alone) {
  const unsaid = alone ? ["must_confirm", "first_out"] : ["must_confirm"];
  const marks = (alarm.marks ?? []).filter((one) => !unsaid.includes(one)).map((one) => t(`alarms.mark.${one}`));
  if (alarm.unseen) marks.push(t("alarms.gap", { from: hourText(alarm.unseen[0]), to: hourText(alarm.unseen[1]) }));
  return alarm.returned_at ? [t("alarms.returned"), ...marks] : marks;
}

/** Whether nothing keeps it from sounding. @param {Alarm} alarm */
function speaks(alarm) {
  return !alarm.suppression && !alarm.marks?.includes("superseded");
}

function operator() {
  return localStorage.getItem(NAME_KEY) ?? "";
}

function dialog() {
  return /** @type {HTMLDialogElement} */ (byId("who"));
}
