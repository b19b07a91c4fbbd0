// The cold store page: wires the stream to what is seen.

import { Alarms } from "./alarms.js";
import { byId, make, mark, say } from "./dom.js";
import { Room } from "./room.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { clockText, loadTexts, setTimezone, t } from "./text.js";
import { Tiles } from "./tiles.js";
import { linkLanguage, remember } from "./url.js";

const IDLE_MS = 30_000;

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

async function start() {
  const [site] = await Promise.all([fetchJson("/api/v1/site"), loadTexts()]);
  setTimezone(site.timezone);
  const store = new Store(site);
  const alarms = new Alarms(store);
  const room = new Room(store, (zone) => stream.tell({ zone }));
  const tiles = new Tiles(byId("map"), store, (zone) => {
    room.choose(zone);
    tiles.update(room.zone.id);
  });
  const show = () => {
    tiles.update(room.zone.id);
    alarms.update();
    room.update();
    showLinks(store);
    byId("simulation").hidden = !store.simulated;
  };
  const stream = new Stream({
    address: () => `${location.origin.replace(/^http/, "ws")}/api/v1/stream?zone=${room.zone.id}`,
    onFrame(frame) {
      if (!store.apply(frame)) return false;
      show();
      if (frame.kind === "snapshot") {
        void room.refresh();
        renew(store.build);
      }
      return true;
    },
    onFreshness(freshness, seconds) {
      mark(document.body, "freshness", freshness);
      say(byId("freshness"), t(`fresh.${freshness}`, { seconds }));
      if (alarms.live !== (freshness === "live")) alarms.setLive(freshness === "live");
      if (freshness !== "connecting") say(byId("clock"), clockText(store.now()));
    },
  });
  themes(() => room.paintChart());
  linkLanguage();
  stream.start();
}

/** Lines to devices that are down, each by name; how many are up when all are. @param {Store} store */
function showLinks(store) {
  const down = store.links.filter((link) => link[3] === "down");
  const look = JSON.stringify([down, store.links.length]);
  const root = byId("links");
  if (root.dataset.look === look) return;
  root.dataset.look = look;
  const sum = store.links.length ? t("links.all-up", { count: store.links.length }) : t("links.none");
  root.replaceChildren(
    ...(down.length
      ? down.map(([, link, device]) => make("span", "link-down", t("links.down", { name: device ?? link })))
      : [make("span", "link-sum", sum)]),
  );
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

void start();
