// What else a consignment could do, each with its price; why not by what somebody asks for; why it stays.

import { make, mark } from "./dom.js";
import { figure, grouped, t } from "./text.js";

/**
 * @typedef {import("./plan.js").Goods} Goods
 * @typedef {{legs: {service: string}[]}} Route
 * @typedef {{route: Route, arrives_s: number, more_units: number[]}} Itinerary
 * @typedef {{way: Itinerary, chances: {kept: number, due: number}, dearer_fen: number, planned: boolean}} Other
 * @typedef {{plan: string, moment: (s: number) => string}} Page
 */

const MOST = 5;
const ANSWER_MS = 20_000;

/** Dearer or cheaper than what is planned, in yuan with its sign. @param {number} fen */
function difference(fen) {
  return `${fen >= 0 ? "+" : "\u2212"}¥\u00a0${grouped(Math.abs(fen) / 100)}`;
}

/** @param {Page} page @param {string} question @returns {Promise<any>} */
async function ask(page, question) {
  const answer = await fetch(`/api/v1/plan/plans/${page.plan}/${question}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail ?? said.title);
  return said;
}

/** @param {Route} route */
function chain(route) {
  return route.legs.map((leg) => leg.service).join(" → ");
}

/** Show beside a consignment what it could do else. @param {HTMLElement} root @param {Page} page @param {Goods} goods */
export function showOthers(root, page, goods) {
  const list = make("ul", "others");
  list.append(make("li", "muted", t("others.asking")));
  const form = /** @type {HTMLFormElement} */ (make("form", "why-not"));
  const field = /** @type {HTMLInputElement} */ (make("input"));
  field.setAttribute("aria-label", t("others.via"));
  field.placeholder = t("others.via");
  field.maxLength = 60;
  field.required = true;
  const go = make("button", "plain", t("others.ask"));
  const answer = make("p", "why-not-answer");
  answer.setAttribute("role", "status");
  form.append(field, go);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer.textContent = t("others.asking");
    why(page, goods, field.value.trim()).then(
      (words) => (answer.textContent = words),
      (error) => (answer.textContent = String(error.message)),
    );
  });
  root.append(make("h4", "others-title", t(goods.stays ? "others.stays" : "others.title")), list, form, answer);
  fill(list, page, goods).catch((error) => list.replaceChildren(make("li", "muted", String(error.message))));
}

/** @param {HTMLElement} list @param {Page} page @param {Goods} goods */
async function fill(list, page, goods) {
  const name = encodeURIComponent(goods.id);
  const reasons = goods.stays ? (await ask(page, `stay/${name}`)) : null;
  const { ways } = await ask(page, `ways/${name}?most=${MOST}`);
  list.replaceChildren(...(reasons ? stay(reasons) : []), ...ways.filter((/** @type {Other} */ one) => !one.planned).map((/** @type {Other} */ one) => other(page, one)));
  if (!list.children.length) list.append(make("li", "muted", t("others.none")));
}

/** @param {Page} page @param {Other} one */
function other(page, one) {
  const row = make("li", "other");
  const units = one.way.more_units.reduce((sum, more) => sum + more, 0);
  row.append(
    make("span", "other-price", difference(one.dearer_fen)),
    make("span", "other-arrives", t("plan.arrives", { when: page.moment(one.way.arrives_s) })),
    make("span", "muted other-chain", chain(one.way.route)),
    make("span", "muted", t("others.chances", { due: figure(100 * one.chances.due, 0), kept: figure(100 * one.chances.kept, 0) })),
  );
  if (units > 0) row.append(make("span", "muted", t("others.units", { count: units })));
  return row;
}

/** @param {{verdict: string, reasons: {text: string}[], takers: {consignment: string}[]}} said */
function stay(said) {
  const rows = [make("li", "other-verdict", t(`verdict-stays.${said.verdict}`))];
  rows.push(...said.reasons.map((one) => make("li", "muted", one.text)));
  if (said.takers.length) rows.push(make("li", "muted", t("others.takers", { who: said.takers.map((one) => one.consignment).join(", ") })));
  mark(rows[0], "verdict", said.verdict);
  return rows;
}

/** Why not that way. @param {Page} page @param {Goods} goods @param {string} via service, place or mode */
async function why(page, goods, via) {
  const by = via.split(/[\s,]+/).map((word) => `by=${encodeURIComponent(word)}`);
  const said = await ask(page, `via/${encodeURIComponent(goods.id)}?${by.join("&")}`);
  if (!said.way) return t("others.via.none");
  const way = chain(said.way.route);
  if (said.violations.length) return t("others.via.refused", { way, why: said.violations[0].text });
  return t("others.via.price", { way, cny: difference(said.dearer_fen) });
}
