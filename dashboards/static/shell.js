// What every page has: the site, the stream, the header. A page says what it shows; it never reloads by itself but once.

import { Counters } from "./counters.js";
import { byId, mark, say } from "./dom.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { clockText, loadTexts, setTimezone, t } from "./text.js";
import { linkLanguage, remember } from "./url.js";

const IDLE_MS = 30_000;

/**
 * @typedef {object} Shown what a page does with what the shell tells it
 * @property {() => string} query what the stream is asked for
 * @property {(frame: import("./stream.js").Frame) => void} show something is new
 * @property {(live: boolean) => void} setLive the data became live, or is no more
 * @property {() => void} [tick] four times a second
 * @property {() => void} [onTheme] the colours have changed
 */

/** @param {string} path */
async function fetchJson(path) {
  for (let waitMs = 500; ; waitMs = Math.min(3000, 2 * waitMs)) {
    try {
      const answer = await fetch(path);
      if (answer.ok) return await answer.json();
    } catch {
      // Control is not there yet: the page says "connecting" meanwhile.
    }
    await new Promise((done) => setTimeout(done, waitMs));
  }
}

/**
 * Open a page: fetch what it needs, then keep it live.
 * @param {(store: Store, tell: (message: object) => void) => Shown} build
 */
export async function open(build) {
  const [site] = await Promise.all([fetchJson("/api/v1/site"), loadTexts()]);
  setTimezone(site.timezone);
  const store = new Store(site);
  const page = build(store, (message) => stream.tell(message));
  const counters = new Counters(store);
  let live = false;
  const stream = new Stream({
    address: () => `${location.origin.replace(/^http/, "ws")}/api/v1/stream?${page.query()}`,
    onFrame(frame) {
      if (!store.apply(frame)) return false;
      page.show(frame);
      counters.update();
      byId("simulation").hidden = !store.simulated;
      if (frame.kind === "snapshot") renew(store.build);
      return true;
    },
    onFreshness(freshness, seconds) {
      mark(document.body, "freshness", freshness);
      say(byId("freshness"), t(`fresh.${freshness}`, { seconds }));
      if (live !== (freshness === "live")) {
        live = !live;
        page.setLive(live);
      }
      page.tick?.();
      if (freshness !== "connecting") say(byId("clock"), clockText(store.now()));
    },
  });
  themes(() => page.onTheme?.());
  linkLanguage();
  stream.start();
}

/** @param {() => void} onChange */
function themes(onChange) {
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    remember("theme", root.dataset.theme);
    onChange();
  });
}

let renewing = false;
let touchedAt = performance.now();
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (touchedAt = performance.now()));

/** The only reload there is: control serves another build, and nobody has touched the page for 30 s. @param {string} build */
function renew(build) {
  if (renewing || build === document.documentElement.dataset.build) return;
  renewing = true;
  const check = () => {
    if (performance.now() - touchedAt > IDLE_MS) location.reload();
    else setTimeout(check, 1000);
  };
  check();
}
