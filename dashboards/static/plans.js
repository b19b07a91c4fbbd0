// What was planned and is being planned: jobs with how far they are, a form for the next one, goods that come as a file.

import { byId, make, mark, say } from "./dom.js";
import { JobCard } from "./job_card.js";
import { fetchPatiently, header } from "./planner.js";
import { post } from "./post.js";
import { grouped, momentText, t } from "./text.js";

/**
 * @typedef {{plan: string, solver: string, cost_fen: number, bound_fen: number | null, gap: number | null, routes: number,
 *   unplanned: number}} Summary
 * @typedef {{job: string, state: string, instance: string, seconds: number, split: boolean, by: string, asked_at: string,
 *   elapsed_s: number | null, turns: number | null, best: Summary | null, reason: string, stop_asked: boolean}} Job
 * @typedef {{instance: string, name: string, consignments: number, services: number, loaded_at: string}} Instance
 */

const ASK_MS = 1000;
const LOST_MS = 3500;
const NAME_KEY = "planner.by";
/** Plans that are offered to begin with. */
const STARTS = 20;

/** What a file is, by the end of its name. @type {Record<string, string>} */
const KINDS = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  json: "application/json",
  gz: "application/gzip",
};

class PlansPage {
  constructor() {
    /** @type {Map<string, JobCard>} */
    this.cards = new Map();
    /** @type {Map<string, Instance>} */
    this.instances = new Map();
    /** @type {Job[]} */
    this.jobs = [];
    this.heardAt = performance.now();
    const by = /** @type {HTMLInputElement} */ (byId("by"));
    by.value = localStorage.getItem(NAME_KEY) ?? "";
    by.addEventListener("change", () => localStorage.setItem(NAME_KEY, by.value.trim()));
    byId("instance").addEventListener("change", () => this._offerStarts());
    byId("new").addEventListener("submit", (event) => this._ask(event));
    byId("load").addEventListener("submit", (event) => this._load(event));
  }

  /** Who asks, or "" after the field was pointed at. */
  name() {
    const by = /** @type {HTMLInputElement} */ (byId("by"));
    return by.reportValidity() ? by.value.trim() : "";
  }

  /** Ask for what there is, again and again; what is not heard for a while is said to be old. */
  async run() {
    for (;;) {
      try {
        await this._refresh();
        this.heardAt = performance.now();
      } catch {
        // The planner is away: the page says so below, and asks again.
      }
      const lostMs = performance.now() - this.heardAt;
      const lost = lostMs > LOST_MS;
      say(byId("freshness"), lost ? t("fresh.stale", { seconds: Math.round(lostMs / 1000) }) : t("fresh.live"));
      mark(document.body, "freshness", lost ? "stale" : "live");
      for (const button of document.querySelectorAll("button[data-acts], #go")) /** @type {HTMLButtonElement} */ (button).disabled = lost;
      await new Promise((done) => setTimeout(done, ASK_MS));
    }
  }

  async _refresh() {
    const [instances, jobs, published] = await Promise.all(["instances", "jobs", "published"].map(ask));
    this.published = new Set(published.map((/** @type {{result: Summary}} */ one) => one.result.plan));
    this._offerInstances(instances);
    const known = this.jobs.filter((one) => one.best).length;
    this.jobs = jobs.reverse();
    if (this.jobs.filter((one) => one.best).length !== known) this._offerStarts();
    byId("jobs-none").hidden = this.jobs.length > 0;
    this.jobs.forEach((job, n) => {
      let card = this.cards.get(job.job);
      if (!card) {
        card = new JobCard(this);
        this.cards.set(job.job, card);
      }
      card.update(job, this.instances.get(job.instance), this.published?.has(job.best?.plan ?? "") ?? false);
      if (byId("jobs").children[n] !== card.root) byId("jobs").insertBefore(card.root, byId("jobs").children[n] ?? null);
    });
  }

  /** @param {Instance[]} instances */
  _offerInstances(instances) {
    if (instances.length === this.instances.size) return;
    this.instances = new Map(instances.map((one) => [one.instance, one]));
    const select = /** @type {HTMLSelectElement} */ (byId("instance"));
    select.replaceChildren(
      ...instances.reverse().map((one) => {
        const words = t("new.one", { name: one.name, count: grouped(one.consignments), at: momentText(Date.parse(one.loaded_at)) });
        return option(one.instance, words);
      }),
    );
    this._offerStarts();
  }

  /** Plans of the chosen instance that a search may begin with. */
  _offerStarts() {
    const instance = /** @type {HTMLSelectElement} */ (byId("instance")).value;
    const plans = this.jobs.filter((one) => one.instance === instance && one.best).slice(0, STARTS);
    byId("start").replaceChildren(
      option("", t("new.start.none")),
      ...plans.map(({ job, best }) => option(best?.plan ?? "", `${job} · ¥ ${grouped((best?.cost_fen ?? 0) / 100)}`)),
    );
  }

  /** @param {SubmitEvent} event */
  async _ask(event) {
    event.preventDefault();
    const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value;
    const body = {
      instance: value("instance"),
      by: this.name(),
      seconds: Number(value("seconds")),
      split: /** @type {HTMLInputElement} */ (byId("split")).checked,
      start: value("start") || null,
    };
    if (!body.by) return;
    const { status, reason } = await post("/api/v1/plan/jobs", body);
    say(byId("new-problem"), status ? reason : t("alarms.no-answer"));
  }

  /** @param {SubmitEvent} event */
  async _load(event) {
    event.preventDefault();
    const by = this.name();
    const file = /** @type {HTMLInputElement} */ (byId("file")).files?.[0];
    if (!by || !file) return;
    byId("load-problems").replaceChildren();
    const kind = KINDS[file.name.split(".").pop()?.toLowerCase() ?? ""];
    if (!kind) return say(byId("load-problem"), t("load.unknown"));
    const network = /** @type {HTMLSelectElement} */ (byId("network")).value;
    const path = network ? `networks/${encodeURIComponent(network)}/consignments` : "instances";
    try {
      const headers = { "Content-Type": kind };
      const answer = await fetch(`/api/v1/plan/${path}?by=${encodeURIComponent(by)}`, { method: "POST", headers, body: file });
      const said = await answer.json();
      if (answer.ok) return say(byId("load-problem"), t("load.done", { name: said.name, count: said.consignments }));
      say(byId("load-problem"), said.detail ?? said.title);
      byId("load-problems").replaceChildren(...(said.errors ?? []).map((/** @type {{place: string, message: string}} */ one) => make("li", "", `${one.place}: ${one.message}`)));
    } catch {
      say(byId("load-problem"), t("alarms.no-answer"));
    }
  }
}

/** @param {string} value @param {string} words */
function option(value, words) {
  const one = /** @type {HTMLOptionElement} */ (make("option", "", words));
  one.value = value;
  return one;
}

/** @param {string} what */
async function ask(what) {
  const answer = await fetch(`/api/v1/plan/${what}`, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
  return answer.json();
}

await header();
await fetchPatiently("/api/v1/plan/instances");
await new PlansPage().run();
