// One chart in two ways: uPlot where the server has it, else an SVG of our own. Both draw the same parts.

import { make, sign, svg } from "./dom.js";
import { hourText, limit } from "./text.js";
import { valueRange } from "./series.js";

/**
 * @typedef {import("./series.js").Series} Series
 * @typedef {{at: number, value: number, priority: string, filled: boolean}} Mark at: seconds since 1970
 * @typedef {{series: Series, band: import("./store.js").Band | null, marks: Mark[], from: number, to: number}} Picture
 */

const SIGN_PX = 20;

/** @param {HTMLElement} root @param {Picture} picture */
export function draw(root, picture) {
  root.replaceChildren();
  const width = root.clientWidth;
  const height = root.clientHeight;
  if (width < 80 || height < 60) return;
  const uPlot = /** @type {any} */ (globalThis).uPlot;
  if (uPlot) drawUplot(uPlot, root, picture, width, height);
  else drawSvg(root, picture, width, height);
}

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Hours or parts of them that divide the day evenly, about one to 90 px. @param {Picture} p @param {number} width */
function timeStep({ from, to }, width) {
  const steps = [300, 600, 900, 1800, 3600, 7200, 10_800, 21_600];
  return steps.find((step) => ((to - from) / step) * 90 <= width) ?? 43_200;
}

/** @param {any} uPlot @param {HTMLElement} root @param {Picture} picture @param {number} width @param {number} height */
function drawUplot(uPlot, root, picture, width, height) {
  const { series, band, from, to } = picture;
  const axis = {
    stroke: colour("--muted"),
    font: `13px ${colour("--font")}`,
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { show: false },
  };
  const step = timeStep(picture, width);
  const hidden = { width: 0, points: { show: false } };
  const options = {
    width,
    height,
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true, range: [from, to] }, y: { range: valueRange(series, band) } },
    axes: [
      {
        ...axis,
        size: 28,
        splits: () => multiples(from, to, step),
        values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map((s) => hourText(1000 * s)),
      },
      { ...axis, size: 48, values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map(tidy) },
    ],
    series: [
      {},
      { ...hidden },
      { ...hidden },
      { stroke: colour("--line-strong"), width: 2, points: { show: lonely(series), size: 5, fill: colour("--line-strong") } },
    ],
    bands: [{ series: [2, 1], fill: colour("--spread") }],
    hooks: {
      drawClear: [(/** @type {any} */ plot) => paintBand(plot, band)],
      ready: [(/** @type {any} */ plot) => placeMarks(plot, picture.marks)],
    },
  };
  new uPlot(options, [series.x, series.low, series.high, series.mean], root);
}

/** @param {any} plot @param {Mark[]} marks */
function placeMarks(plot, marks) {
  for (const one of marks) place(plot.over, one, plot.valToPos(one.at, "x"), plot.valToPos(one.value, "y"));
}

/** The band between the limits, and the limits themselves, under the grid. @param {any} plot @param {any} band */
function paintBand(plot, band) {
  if (!band) return;
  const { ctx, bbox } = plot;
  const clamp = (/** @type {number} */ y) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, y));
  const top = band.high === null ? bbox.top : clamp(plot.valToPos(band.high, "y", true));
  const bottom = band.low === null ? bbox.top + bbox.height : clamp(plot.valToPos(band.low, "y", true));
  ctx.save();
  ctx.fillStyle = colour("--band");
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.strokeStyle = colour("--muted");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const y of [band.high === null ? null : top, band.low === null ? null : bottom]) {
    if (y === null) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** @param {HTMLElement} root @param {Picture} picture @param {number} width @param {number} height */
function drawSvg(root, picture, width, height) {
  const { series, band, from, to } = picture;
  const [least, most] = valueRange(series, band);
  const box = { left: 48, top: 12, right: width - 12, bottom: height - 28 };
  const x = (/** @type {number} */ at) => box.left + ((at - from) / (to - from)) * (box.right - box.left);
  const y = (/** @type {number} */ value) => box.bottom - ((value - least) / (most - least)) * (box.bottom - box.top);
  const chart = svg("svg", { class: "own-chart", width, height, "aria-hidden": "true" });
  if (band) {
    const top = y(Math.min(most, band.high ?? most));
    const bottom = y(Math.max(least, band.low ?? least));
    chart.append(svg("rect", { class: "c-band", x: box.left, y: top, width: box.right - box.left, height: bottom - top }));
  }
  for (const value of multiples(least, most, niceStep(most - least))) {
    chart.append(svg("path", { class: "c-grid", d: `M${box.left} ${y(value)}H${box.right}` }));
    const label = svg("text", { class: "c-text", x: box.left - 8, y: y(value) + 4, "text-anchor": "end" });
    label.textContent = tidy(value);
    chart.append(label);
  }
  for (const at of multiples(from, to, timeStep(picture, width))) {
    chart.append(svg("path", { class: "c-grid", d: `M${x(at)} ${box.top}V${box.bottom}` }));
    const label = svg("text", { class: "c-text", x: x(at), y: height - 8, "text-anchor": "middle" });
    label.textContent = hourText(1000 * at);
    chart.append(label);
  }
  for (const bound of [band?.low ?? null, band?.high ?? null]) {
    if (bound !== null) chart.append(svg("path", { class: "c-limit", d: `M${box.left} ${y(bound)}H${box.right}` }));
  }
  chart.append(svg("path", { class: "c-line", d: linePath(series, x, y) }));
  const over = make("div", "own-over");
  root.append(chart, over);
  for (const one of picture.marks) place(over, one, x(one.at), y(one.value));
}

/** A line that is not joined over gaps. @param {Series} series @param {(v: number) => number} x @param {(v: number) => number} y */
function linePath(series, x, y) {
  let path = "";
  let drawing = false;
  series.mean.forEach((value, i) => {
    if (value !== null) path += `${drawing ? "L" : "M"}${x(series.x[i]).toFixed(1)} ${y(value).toFixed(1)}${drawing ? "" : "h.1"}`;
    drawing = value !== null;
  });
  return path;
}

/** @param {HTMLElement} over @param {Mark} one @param {number} left @param {number} top */
function place(over, one, left, top) {
  const shape = /** @type {SVGElement} */ (sign(one.priority, one.filled));
  shape.classList.add("mark");
  shape.style.setProperty("left", `${left - SIGN_PX / 2}px`);
  shape.style.setProperty("top", `${top - SIGN_PX / 2}px`);
  over.append(shape);
}

/** @param {number} from @param {number} to @param {number} step */
function multiples(from, to, step) {
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

/** @param {number} span */
function niceStep(span) {
  const raw = span / 5;
  const scale = 10 ** Math.floor(Math.log10(raw));
  return scale * ([1, 2, 5, 10].find((one) => one * scale >= raw) ?? 10);
}

/** @param {number} value */
function tidy(value) {
  return limit(Math.round(10 * value) / 10);
}

/** Whether so little is known that a line would be invisible. @param {Series} series */
function lonely(series) {
  return series.mean.filter((value) => value !== null).length < 3;
}
