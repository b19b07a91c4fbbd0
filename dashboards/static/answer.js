// What the operator answers to an alarm: asking for what must be said, and sending it once.

import { byId, say } from "./dom.js";
import { t } from "./text.js";

const ANSWER_MS = 5000;

/** @typedef {"acknowledge" | "confirm" | "reset"} Act */

/** The answer an alarm waits for; none when it waits for none. @param {import("./store.js").Alarm} alarm @returns {Act | null} */
export function wanted(alarm) {
  if (alarm.suppression) return null;
  if (alarm.state !== "acknowledged") return "acknowledge";
  return alarm.waits_for ?? null;
}

/**
 * Ask for what an answer must say beyond the name.
 * @param {import("./store.js").Alarm} alarm @param {Act} act
 * @returns {Promise<Record<string, string> | null>} the rest of the body; null when the question was not answered
 */
export function askMore(alarm, act) {
  const commented = act === "acknowledge" && alarm.marks?.includes("must_confirm");
  if (act !== "confirm" && !commented) return Promise.resolve({});
  const box = /** @type {HTMLDialogElement} */ (byId("more"));
  const words = /** @type {HTMLInputElement} */ (byId("more-words"));
  const goods = /** @type {HTMLSelectElement} */ (byId("more-goods"));
  say(byId("more-title"), t(`more.${act}`));
  say(byId("more-label"), t(`more.${act}.label`));
  byId("more-goods-row").hidden = act !== "confirm";
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
        return resolve(act === "confirm" ? { corrective_action: text, disposition: goods.value } : { comment: text });
      },
      { once: true },
    );
  });
}

/** @param {string} id @param {Act} act @param {Record<string, string>} body @returns {Promise<string>} why it failed, or "" */
export async function send(id, act, body) {
  try {
    const answer = await fetch(`/api/v1/alarms/${encodeURIComponent(id)}/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) return "";
    const problem = await answer.json();
    return problem.detail ?? problem.title;
  } catch {
    return t("alarms.no-answer");
  }
}
