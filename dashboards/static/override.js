// Two persons overrule a verdict. It is sent once, while the data is live, or not at all.

import { byId, make, say } from "./dom.js";
import { post } from "./post.js";
import { t } from "./text.js";
import { word } from "./verdicts.js";

const VERDICTS = ["release", "hold", "inspect", "recheck"];
const NAME_KEY = "coldport.operator";

/** Who works here, as far as anybody has said. */
export function operator() {
  return localStorage.getItem(NAME_KEY) ?? "";
}

/** Set the dialog up once. */
export function prepare() {
  byId("override-cancel").addEventListener("click", () => box().close());
}

/**
 * Ask for the new verdict, the reason and both names.
 * @param {import("./store.js").Verdict} verdict
 * @returns {Promise<Record<string, string> | null>} null when the question was not answered
 */
export function ask(verdict) {
  const choice = /** @type {HTMLSelectElement} */ (byId("override-verdict"));
  const reason = /** @type {HTMLInputElement} */ (byId("override-reason"));
  const by = /** @type {HTMLInputElement} */ (byId("override-by"));
  const second = /** @type {HTMLInputElement} */ (byId("override-second"));
  choice.replaceChildren(
    ...VERDICTS.filter((one) => one !== verdict.verdict).map((one) => {
      const option = /** @type {HTMLOptionElement} */ (make("option", "", word(one)));
      option.value = one;
      return option;
    }),
  );
  say(byId("override-parcel"), verdict.parcel ?? "");
  reason.value = second.value = "";
  by.value = operator();
  box().returnValue = "";
  box().showModal();
  reason.focus();
  return new Promise((resolve) => {
    box().addEventListener(
      "close",
      () => {
        if (box().returnValue !== "ok") return resolve(null);
        localStorage.setItem(NAME_KEY, by.value.trim());
        return resolve({
          verdict: choice.value,
          reason: reason.value.trim(),
          by: by.value.trim(),
          approved_by: second.value.trim(),
        });
      },
      { once: true },
    );
  });
}

/**
 * @param {import("./store.js").Verdict} verdict @param {Record<string, string>} said
 * @returns {Promise<string>} why it failed, or ""
 */
export async function send(verdict, said) {
  const act = { entry: "overridden", judged: verdict.id, logistics_no: verdict.parcel, ...said };
  const { status, reason } = await post("/api/v1/floor/acts", act);
  return status ? reason : t("alarms.no-answer");
}

function box() {
  return /** @type {HTMLDialogElement} */ (byId("override-box"));
}
