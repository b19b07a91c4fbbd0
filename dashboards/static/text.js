// Words and figures as people read them.

export const lang = document.documentElement.dataset.lang === "en" ? "en" : "zh";

/** @type {Record<string, string>} */
let texts = {};
let zone = "UTC";

/** Load the catalogue of this page's language. */
export async function loadTexts() {
  const answer = await fetch(`/i18n/${lang}.json`);
  if (!answer.ok) throw new Error(`texts: ${answer.status}`);
  texts = await answer.json();
}

/** @param {string} timezone where the site is; clocks show its time, wherever the screen hangs */
export function setTimezone(timezone) {
  zone = timezone;
}

/**
 * Return a text of the catalogue with its {places} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {{zh: string, en: string}} text */
export function local(text) {
  return text[lang];
}

/** @param {number} value @param {number} [decimals] */
export function figure(value, decimals = 1) {
  return value.toFixed(decimals).replace("-", "\u2212");
}

/** A figure as a limit is written: no needless decimals. @param {number} value */
export function limit(value) {
  return String(value).replace("-", "\u2212");
}

/** @param {number} value */
export function signed(value) {
  return (value > 0 ? "+" : "") + figure(value);
}

/**
 * The band of a zone: `−22 … −16 °C`, or with one end open `≤ 10 °C`.
 * @param {{low: number | null, high: number | null}} band @param {string} unit
 */
export function bandText(band, unit) {
  if (band.low === null && band.high === null) return "";
  if (band.low === null) return `≤\u00a0${limit(/** @type {number} */ (band.high))}\u00a0${unit}`;
  if (band.high === null) return `≥\u00a0${limit(band.low)}\u00a0${unit}`;
  return `${limit(band.low)} … ${limit(band.high)}\u00a0${unit}`;
}

/** @param {number} at milliseconds since 1970 @param {Intl.DateTimeFormatOptions} options */
function moment(at, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }).format(at);
}

/** @param {number} at */
export function clockText(at) {
  return moment(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** @param {number} at */
export function hourText(at) {
  return moment(at, { hour: "2-digit", minute: "2-digit" });
}

/** A day of the month, as scales write it. @param {number} at */
export function dayText(at) {
  const [day, month] = moment(at, { day: "2-digit", month: "2-digit" }).split("/");
  return `${month}-${day}`;
}

/** @param {number} at */
export function momentText(at) {
  return `${dayText(at)}\u00a0${hourText(at)}`;
}

/** A figure with its thousands apart. @param {number} value @param {number} [decimals] */
export function grouped(value, decimals = 0) {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "\u2212");
}

/** Whole yuan. @param {number} fen */
export function money(fen) {
  return `¥\u00a0${grouped(fen / 100)}`;
}

/** How late goods come: hours, from three days on days. @param {number} seconds */
export function lateText(seconds) {
  if (seconds < 259_200) return t("plan.late", { hours: Math.ceil(seconds / 3600) });
  return t("plan.late.days", { days: figure(seconds / 86_400) });
}

/** @param {number} seconds */
export function ageText(seconds) {
  const s = Math.max(0, seconds);
  if (s < 60) return t("age.seconds", { count: Math.floor(s) });
  if (s < 3600) return t("age.minutes", { count: Math.floor(s / 60) });
  if (s < 172_800) return t("age.hours", { count: Math.floor(s / 3600) });
  return t("age.days", { count: Math.floor(s / 86_400) });
}
