// The series of a room: fetched by probe, put together for the chart. Time in seconds since 1970, values in the unit.

/**
 * @typedef {{start: string, count: number, covered_s: number, min: number | null, mean: number | null,
 *   max: number | null}} Bucket
 * @typedef {{x: number[], mean: (number | null)[], low: (number | null)[], high: (number | null)[]}} Series
 */

export const RANGES = {
  "1h": { seconds: 3600, buckets: 240 },
  "24h": { seconds: 86_400, buckets: 288 },
};

/**
 * @param {string[]} points @param {keyof typeof RANGES} range @param {number} now milliseconds at control
 * @returns {Promise<Series>}
 */
export async function fetchSeries(points, range, now) {
  const { seconds, buckets } = RANGES[range];
  // Whole buckets, so that a refresh moves the picture by one and does not shuffle the statistics.
  const width = (1000 * seconds) / buckets;
  const to = Math.ceil(now / width) * width;
  const query = new URLSearchParams({
    from: new Date(to - 1000 * seconds).toISOString(),
    to: new Date(to).toISOString(),
    buckets: String(buckets),
  });
  const answers = await Promise.all(points.map((point) => fetchPoint(point, query)));
  return combine(answers, width / 1000, now / 1000);
}

/** @param {string} point @param {URLSearchParams} query @returns {Promise<Bucket[]>} */
async function fetchPoint(point, query) {
  const answer = await fetch(`/api/v1/points/${point}/readings?${query}`, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`readings: ${answer.status}`);
  return (await answer.json()).buckets;
}

/**
 * The mean of the probes with the least and the greatest value of any of them. A bucket in which nothing was known is a
 * gap; one without a sample of its own in which the value before still stands keeps that value.
 * @param {Bucket[][]} answers @param {number} width @param {number} now
 * @returns {Series}
 */
export function combine(answers, width, now) {
  /** @type {Series} */
  const series = { x: [], mean: [], low: [], high: [] };
  /** @type {({min: number, mean: number, max: number} | null)[]} */
  const before = answers.map(() => null);
  const length = answers[0]?.length ?? 0;
  for (let i = 0; i < length; i += 1) {
    answers.forEach((buckets, probe) => {
      const { count, covered_s, min, mean, max } = buckets[i];
      if (count > 0) before[probe] = /** @type {any} */ ({ min, mean, max });
      else if (covered_s <= 0) before[probe] = null;
      else if (before[probe]) before[probe] = { min: before[probe].mean, mean: before[probe].mean, max: before[probe].mean };
    });
    const known = before.filter((one) => one !== null);
    const start = Date.parse(answers[0][i].start) / 1000;
    series.x.push(Math.min(start + width / 2, Math.max(start, now)));
    series.mean.push(known.length ? known.reduce((sum, one) => sum + one.mean, 0) / known.length : null);
    series.low.push(known.length ? Math.min(...known.map((one) => one.min)) : null);
    series.high.push(known.length ? Math.max(...known.map((one) => one.max)) : null);
  }
  return series;
}

/**
 * The value axis: everything that was measured and both limits are always in view.
 * @param {Series} series @param {import("./store.js").Band | null} band
 * @returns {[number, number]}
 */
export function valueRange(series, band) {
  const values = [...series.low, ...series.high, band?.low ?? null, band?.high ?? null].filter((v) => v !== null);
  if (values.length === 0) return [0, 10];
  const low = Math.min(.../** @type {number[]} */ (values));
  const high = Math.max(.../** @type {number[]} */ (values));
  const margin = Math.max(0.5, (high - low) * 0.08);
  return [low - margin, high + margin];
}
