// Scans that are on record and have no verdict yet: what the lane says of them, or that it says nothing.

/** A parcel gets its verdict within seconds of the scale; one that was only scanned never does. */
const PATIENCE_MS = 10_000;

/** So many are remembered; older ones are answered by the lane's list. */
const LIMIT = 20;

/**
 * @typedef {import("./scans.js").Scan} Scan
 * @typedef {import("./store.js").Verdict} Verdict
 */

export class Waiting {
  constructor() {
    /** @type {Map<string, {scan: Scan, since: number}>} by code, oldest first */
    this.scans = new Map();
  }

  /** @param {Scan} scan */
  add(scan) {
    this.scans.delete(scan.code);
    this.scans.set(scan.code, { scan, since: performance.now() });
    if (this.scans.size > LIMIT) this.scans.delete([...this.scans.keys()][0]);
  }

  /** The newest. @returns {Scan | undefined} */
  newest() {
    return [...this.scans.values()].at(-1)?.scan;
  }

  /** Take out and return what the lane has answered. @param {Verdict[]} verdicts newest first */
  answered(verdicts) {
    /** @type {{scan: Scan, verdict: Verdict}[]} */
    const found = [];
    for (const [code, { scan }] of this.scans) {
      const verdict = verdicts.find((one) => one.codes?.includes(code) || one.parcel === code);
      if (!verdict) continue;
      this.scans.delete(code);
      found.push({ scan, verdict });
    }
    return found;
  }

  /** Take out and return what was waited for long enough. @returns {Scan[]} */
  given() {
    const late = [...this.scans].filter(([, { since }]) => performance.now() - since > PATIENCE_MS);
    for (const [code] of late) this.scans.delete(code);
    return late.map(([, { scan }]) => scan);
  }
}

/**
 * Ask what is known of a parcel that the lane says nothing of.
 * @param {string} code
 * @returns {Promise<{known: boolean, standing: {verdict: string, at: string} | null} | null>} null: no answer
 */
export async function lookUp(code) {
  try {
    const answer = await fetch(`/api/v1/floor/parcels/${encodeURIComponent(code)}`);
    if (answer.status === 404) return { known: false, standing: null };
    if (!answer.ok) return null;
    return { known: true, standing: (await answer.json()).standing };
  } catch {
    return null;
  }
}
