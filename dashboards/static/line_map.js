// Where goods go: places in their true direction from the middle, distances pressed together. No map: no land, no borders.

import { svg } from "./dom.js";
import { local } from "./text.js";

/**
 * @typedef {import("./plan.js").Place} Place
 * @typedef {{from: string, to: string, mass: number}} Line
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/** Ten kilometres and ten thousand on one sheet: distances count by this power. */
const PRESSED = 0.45;
const MARGIN = { x: 92, y: 26 };
const PLACE_PX = 8;
const LABEL_PX = 13;
/** The widest line carries the most; the thinnest can still be seen. */
const WIDEST_PX = 7;

/** @param {Place} place @param {Place} middle @returns {[number, number]} */
function direction(place, middle) {
  const east = ((place.longitude - middle.longitude + 540) % 360) - 180;
  const x = east * Math.cos((middle.latitude * Math.PI) / 180);
  const y = middle.latitude - place.latitude;
  const far = Math.hypot(x, y);
  const pressed = far ? far ** (PRESSED - 1) : 0;
  return [x * pressed, y * pressed];
}

/** The place that most goods come by. @param {Place[]} places @param {Line[]} lines */
function busiest(places, lines) {
  /** @type {Record<string, number>} */
  const mass = {};
  for (const line of lines) for (const end of [line.from, line.to]) mass[end] = (mass[end] ?? 0) + line.mass;
  return places.reduce((one, other) => ((mass[other.id] ?? 0) > (mass[one.id] ?? 0) ? other : one));
}

/** @param {Box} one @param {Box} other */
function meet(one, other) {
  return (
    one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
  );
}

export class LineMap {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Place[]} */
    this.places = [];
    /** @type {Line[]} */
    this.lines = [];
    /** @type {[string, string][]} */
    this.chosen = [];
    new ResizeObserver(() => this.draw()).observe(root);
  }

  /** @param {Place[]} places @param {Line[]} lines */
  show(places, lines) {
    this.places = places;
    this.lines = lines;
    this.draw();
  }

  /** Let one way stand out. @param {[string, string][]} chosen from and to of its legs */
  choose(chosen) {
    this.chosen = chosen;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.root;
    this.root.replaceChildren();
    if (width < 200 || height < 120 || !this.places.length) return;
    const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    const at = this._positions(width, height);
    for (const line of this.lines) root.append(this._curve(at, line));
    for (const [from, to] of this.chosen) {
      const path = this._curve(at, { from, to, mass: 0 });
      path.setAttribute("class", "way-line");
      root.append(path);
    }
    this._label(root, at, width, height);
    this.root.append(root);
  }

  /** @param {number} width @param {number} height @returns {Map<string, [number, number]>} */
  _positions(width, height) {
    const middle = busiest(this.places, this.lines);
    const ways = this.places.map((place) => direction(place, middle));
    const xs = ways.map(([x]) => x);
    const ys = ways.map(([, y]) => y);
    const left = Math.min(...xs);
    const top = Math.min(...ys);
    const across = (width - 2 * MARGIN.x) / (Math.max(...xs) - left || 1);
    const down = (height - 2 * MARGIN.y) / (Math.max(...ys) - top || 1);
    return new Map(
      this.places.map((place, n) => [place.id, [MARGIN.x + (xs[n] - left) * across, MARGIN.y + (ys[n] - top) * down]]),
    );
  }

  /** @param {Map<string, [number, number]>} at @param {Line} line */
  _curve(at, { from, to, mass }) {
    const [x1, y1] = at.get(from) ?? [0, 0];
    const [x2, y2] = at.get(to) ?? [0, 0];
    const most = Math.max(...this.lines.map((line) => line.mass));
    const bend = 0.12;
    const x = (x1 + x2) / 2 + (y2 - y1) * bend;
    const y = (y1 + y2) / 2 - (x2 - x1) * bend;
    const path = svg("path", { d: `M${x1} ${y1}Q${x} ${y} ${x2} ${y2}`, class: "line" });
    path.style.strokeWidth = `${Math.max(1, WIDEST_PX * Math.sqrt(mass / most))}px`;
    return path;
  }

  /** Write names where there is room, those on the chosen way first. */
  _label(/** @type {SVGElement} */ root, /** @type {Map<string, [number, number]>} */ at, width = 0, height = 0) {
    const chosen = new Set(this.chosen.flat());
    /** @type {Box[]} */
    const taken = [...at.values()].map(([x, y]) => ({ x: x - PLACE_PX / 2, y: y - PLACE_PX / 2, width: PLACE_PX, height: PLACE_PX }));
    for (const place of [...this.places].sort((one, other) => Number(chosen.has(other.id)) - Number(chosen.has(one.id)))) {
      const [x, y] = at.get(place.id) ?? [0, 0];
      const square = svg("rect", { x: x - PLACE_PX / 2, y: y - PLACE_PX / 2, width: PLACE_PX, height: PLACE_PX, class: "place" });
      const title = svg("title");
      title.textContent = local(place.name);
      square.append(title);
      const words = svg("text", { class: chosen.has(place.id) ? "place-name place-chosen" : "place-name" });
      words.textContent = local(place.name);
      root.append(square, words);
      const size = /** @type {SVGTextElement} */ (words).getComputedTextLength?.() || width_(local(place.name));
      const free = spots(x, y, size).find(
        (box) => box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= height && !taken.some((other) => meet(box, other)),
      );
      if (free) {
        taken.push(free);
        words.setAttribute("x", String(free.x));
        words.setAttribute("y", String(free.y + free.height - 3));
      } else words.remove();
    }
  }
}

/** About how wide words are before they are drawn: Han characters are square. @param {string} words */
function width_(words) {
  return [...words].reduce((sum, letter) => sum + (letter > "\u2e80" ? LABEL_PX : LABEL_PX * 0.58), 0);
}

/** Where a name may stand, the best first. @param {number} x @param {number} y @param {number} width @returns {Box[]} */
function spots(x, y, width) {
  const height = LABEL_PX + 4;
  const off = PLACE_PX / 2 + 3;
  return [
    { x: x + off, y: y - height / 2, width, height },
    { x: x - off - width, y: y - height / 2, width, height },
    { x: x - width / 2, y: y + off, width, height },
    { x: x - width / 2, y: y - off - height, width, height },
  ];
}
