// What the planner's pages share: texts, time zone, the two buttons of the header, asking until there is an answer.

import { byId } from "./dom.js";
import { loadTexts, setTimezone } from "./text.js";
import { linkLanguage, remember } from "./url.js";

const LONGEST_WAIT_MS = 3000;

/** Load what the words of a page need, and wire its header. */
export async function header() {
  await loadTexts();
  setTimezone(document.body.dataset.zone ?? "UTC");
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    remember("theme", root.dataset.theme);
  });
  linkLanguage();
}

/** @param {string} path @returns {Promise<any>} the answer, however long it takes until somebody gives one */
export async function fetchPatiently(path) {
  for (let waitMs = 500; ; waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
    try {
      const answer = await fetch(path);
      if (answer.ok) return await answer.json();
    } catch {
      // The planner is not there yet, or not any more: it is asked again.
    }
    await new Promise((done) => setTimeout(done, waitMs));
  }
}
