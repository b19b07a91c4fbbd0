// What the operator answers to an alarm: asking for what must be said, and sending it once.

import { byId, say } from "./dom.js";
import { post } from "./post.js";
import { t } from "./text.js";

/** @typedef {"acknowledge" | "confirm" | "reset" | "shelve"} Act */

/** Minutes for which an alarm of a priority may be put aside at most: the choices up to there are offered. */
const SHELF_MINUTES = { critical: 30, high: 120, low: 1440 };

/** The answer an alarm waits for; none when it waits for none. @param {import("./store.js").Alarm} alarm @returns {Act | null} */
export function wanted(alarm) {
  if (alarm.suppression) return null;
  if (alarm.state !== "acknowledged") return "acknowledge";
  return alarm.waits_for ?? null;
}

/** Whether it may be put aside: somebody has seen it, and it goes on. @param {import("./store.js").Alarm} alarm */
export function shelvable(alarm) {
  return alarm.state === "acknowledged" && !alarm.suppression && !alarm.returned_at;
}

/**
 * Ask for what an answer must say beyond the name.
 * @param {import("./store.js").Alarm} alarm @param {Act} act
 * @returns {Promise<Record<string, string | number> | null>} the rest of the body; null when the question was not answered
 */
export function askMore(alarm, act) {
  const commented = act === "acknowledge" && alarm.marks?.includes("must_confirm");
  if (act !== "confirm" && act !== "shelve" && !commented) return Promise.resolve({});
  const box = /** @type {HTMLDialogElement} */ (byId("more"));
  const words = /** @type {HTMLInputElement} */ (byId("more-words"));
  const goods = /** @type {HTMLSelectElement} */ (byId("more-goods"));
  say(byId("more-title"), t(`more.${act}`));
  say(byId("more-label"), t(`more.${act}.label`));
  byId("more-goods-row").hidden = act !== "confirm";
  byId("more-time-row").hidden = act !== "shelve";
  const second = /** @type {HTMLInputElement} */ (byId("more-second"));
  const alone = act !== "shelve" || alarm.priority !== "critical";
  byId("more-second-row").hidden = alone;
  second.required = !alone;
  second.value = "";
  const time = /** @type {HTMLSelectElement} */ (byId("more-time"));
  for (const one of time.options) one.hidden = one.disabled = Number(one.value) > SHELF_MINUTES[alarm.priority];
  time.value = "30";
  words.value = "";
  goods.value = "release";
  box.returnValue = "";
  byId("more-cancel").addEventListener("click", () => box.close(), { once: true });
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener(
      "close",
      () => {
        const text = words.value.trim();
        if (box.returnValue !== "ok" || !text) return resolve(null);
        if (act === "confirm") return resolve({ corrective_action: text, disposition: goods.value });
        if (act === "acknowledge") return resolve({ comment: text });
        const minutes = Number(time.value);
        return resolve({ reason: text, minutes, ...(alone ? {} : { approved_by: second.value.trim() }) });
      },
      { once: true },
    );
  });
}

/** @param {string} id @param {Act} act @param {Record<string, string | number>} body @returns {Promise<string>} why it failed, or "" */
export async function send(id, act, body) {
  const { status, reason } = await post(`/api/v1/alarms/${encodeURIComponent(id)}/${act}`, body);
  return status ? reason : t("alarms.no-answer");
}
