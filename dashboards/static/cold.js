// The cold store page: wires the stream to what is seen.

import { Alarms } from "./alarms.js";
import { byId, make } from "./dom.js";
import { Room } from "./room.js";
import { open } from "./shell.js";
import { t } from "./text.js";
import { Tiles } from "./tiles.js";

/** Lines to devices that are down, each by name; how many are up when all are. @param {import("./store.js").Store} store */
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

void open((store, tell) => {
  const alarms = new Alarms(store);
  const room = new Room(store, (zone) => tell({ zone }));
  const tiles = new Tiles(byId("map"), store, (zone) => {
    room.choose(zone);
    tiles.update(room.zone.id);
  });
  return {
    query: () => `zone=${room.zone.id}`,
    show(frame) {
      tiles.update(room.zone.id);
      alarms.update();
      room.update();
      showLinks(store);
      if (frame.kind === "snapshot") void room.refresh();
    },
    setLive: (live) => alarms.setLive(live),
    onTheme: () => room.paintChart(),
  };
});
