// A job as a card: what it plans, how far it is, how good what it has is, and the buttons that it has.

import { make, mark, say, svg } from "./dom.js";
import { post } from "./post.js";
import { grouped, lang, money, momentText, t } from "./text.js";

/** @typedef {import("./plans.js").Job} Job */

const CURVE = { width: 600, height: 64 };
/** Points of the curve that are kept: one a second for five minutes, then every other. */
const POINTS = 300;

export class JobCard {
  /** @param {{name: () => string}} page */
  constructor(page) {
    this.page = page;
    this.root = make("li", "job");
    this.name = make("span", "job-name");
    /** @type {Record<string, HTMLElement>} */
    this.values = {};
    this.root.append(this.name);
    for (const one of ["state", "cost", "gap", "goods"]) {
      const pair = make("span", "job-figure");
      this.values[one] = make("span", "value");
      pair.append(make("span", "name", t(`job.${one}`)), this.values[one]);
      this.root.append(pair);
    }
    this.end = make("span", "job-end");
    this.bar = make("span", "job-bar");
    this.bar.append(make("span"));
    this.curve = svg("svg", { class: "job-curve", viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.reason = make("span", "job-reason");
    this.root.append(this.end, this.bar, this.curve, this.reason);
    /** @type {{s: number, cost: number, bound: number | null}[]} */
    this.points = [];
    this.shown = "";
  }

  /** @param {Job} job @param {import("./plans.js").Instance | undefined} instance @param {boolean} published */
  update(job, instance, published) {
    const running = job.state === "running" || job.state === "queued";
    mark(this.root, "state", job.state);
    say(this.values.state, stateText(job));
    say(this.values.cost, job.best ? money(job.best.cost_fen) : "\u2014");
    say(this.values.gap, job.best?.gap == null ? "\u2014" : `${(100 * job.best.gap).toFixed(2)}\u00a0%`);
    say(this.values.goods, job.best ? `${grouped(job.best.routes)} / ${grouped(job.best.unplanned)}` : "\u2014");
    say(this.reason, job.reason);
    this.reason.hidden = !job.reason;
    this.bar.hidden = !running;
    this.bar.style.setProperty("--share", String(Math.min(1, (job.elapsed_s ?? 0) / job.seconds)));
    this._draw(job, running);
    const now = JSON.stringify([job.state, job.best?.plan, published, job.stop_asked, instance?.name]);
    if (now === this.shown) return;
    this.shown = now;
    this.name.replaceChildren(
      job.best ? link(job.best.plan, instance?.name ?? job.job) : make("strong", "", instance?.name ?? job.job),
      make("span", "muted", `${job.job} · ${job.by} · ${momentText(Date.parse(job.asked_at))}`),
    );
    this.end.replaceChildren();
    if (running) this._act(job.stop_asked ? "job.stopping" : "job.stop", `/api/v1/plan/jobs/${job.job}/stop`, job.stop_asked);
    else if (published) this.end.append(make("span", "job-published", t("job.published")));
    else if (job.best) this._act("job.publish", `/api/v1/plan/plans/${job.best.plan}/publish`, false);
  }

  /** @param {string} words @param {string} path @param {boolean} done */
  _act(words, path, done) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "plain", t(words)));
    button.type = "button";
    if (done) button.disabled = true;
    else button.dataset.acts = "";
    button.addEventListener("click", async () => {
      const by = this.page.name();
      if (!by) return;
      button.disabled = true;
      const { status, reason } = await post(path, { by });
      if (!status || reason) {
        say(this.reason, status ? reason : t("alarms.no-answer"));
        this.reason.hidden = false;
        button.disabled = false;
      }
    });
    this.end.append(button);
  }

  /** The cost coming down to the bound. @param {Job} job @param {boolean} running */
  _draw(job, running) {
    if (running && job.best && job.elapsed_s !== null && this.points.at(-1)?.s !== job.elapsed_s) {
      this.points.push({ s: job.elapsed_s, cost: job.best.cost_fen, bound: job.best.bound_fen });
      if (this.points.length > POINTS) this.points = this.points.filter((_, n) => n % 2 === 0);
    }
    const drawn = running && this.points.length > 1;
    this.curve.style.display = drawn ? "" : "none";
    if (!drawn) return;
    const costs = this.points.flatMap(({ cost, bound }) => (bound === null ? [cost] : [cost, bound]));
    const low = Math.min(...costs);
    const high = Math.max(...costs, low + 1);
    const at = (/** @type {number} */ s, /** @type {number} */ fen) =>
      `${(CURVE.width * s) / job.seconds} ${4 + ((CURVE.height - 8) * (high - fen)) / (high - low)}`;
    const cost = this.points.map(({ s, cost: fen }) => at(s, fen)).join("L");
    const bound = this.points.flatMap(({ s, bound: fen }) => (fen === null ? [] : [at(s, fen)])).join("L");
    this.curve.replaceChildren(svg("path", { class: "cost", d: `M${cost}` }));
    if (bound) this.curve.append(svg("path", { class: "bound", d: `M${bound}` }));
  }
}

/** @param {Job} job */
function stateText(job) {
  if (job.state !== "running") return t(`job.${job.state}`);
  if (job.elapsed_s === null) return t("job.preparing");
  return `${t("job.running")} ${Math.round(job.elapsed_s)} / ${job.seconds}\u00a0s`;
}

/** @param {string} plan @param {string} words */
function link(plan, words) {
  const one = /** @type {HTMLAnchorElement} */ (make("a", "", words));
  one.href = `/plan/${plan}?lang=${lang}`;
  return one;
}
