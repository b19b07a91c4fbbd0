// The live stream of one page: opens it, notices when it is silent, opens it again. It never reloads the page.

export const STALE_MS = 3000;
const REOPEN_MS = 8000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 3000;

/**
 * @typedef {"connecting" | "live" | "stale"} Freshness
 * @typedef {{kind: string, at: number, seq?: number, [key: string]: any}} Frame
 */

export class Stream {
  /**
   * @param {object} parts
   * @param {() => string} parts.address where to open it
   * @param {(frame: Frame) => boolean} parts.onFrame false asks for a new snapshot
   * @param {(freshness: Freshness, seconds: number) => void} parts.onFreshness called four times a second
   */
  constructor({ address, onFrame, onFreshness }) {
    this.address = address;
    this.onFrame = onFrame;
    this.onFreshness = onFreshness;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.waitMs = FIRST_WAIT_MS;
    this.timer = 0;
    this.openedAt = 0;
    /** When the newest frame would have been here at the least delay seen: late frames do not look new. */
    this.freshAt = -Infinity;
    this.leastDelay = Infinity;
  }

  start() {
    this.open();
    setInterval(() => this.watch(), 250);
  }

  /** @param {object} message */
  tell(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  open() {
    clearTimeout(this.timer);
    this.drop();
    this.openedAt = performance.now();
    const socket = new WebSocket(this.address());
    this.socket = socket;
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = () => this.retry();
  }

  /** Let go of the socket without waiting for the other side, which may be gone. */
  drop() {
    if (!this.socket) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  retry() {
    this.drop();
    const jitter = 0.8 + 0.4 * Math.random();
    this.timer = window.setTimeout(() => this.open(), this.waitMs * jitter);
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
  }

  /** @param {Frame} frame */
  take(frame) {
    const now = performance.now();
    this.waitMs = FIRST_WAIT_MS;
    if (frame.kind === "snapshot") this.leastDelay = Infinity;
    this.leastDelay = Math.min(this.leastDelay, now - frame.at);
    this.freshAt = Math.max(this.freshAt, frame.at + this.leastDelay);
    if (!this.onFrame(frame)) this.open();
  }

  /** How long ago the newest frame was made. */
  get silenceMs() {
    return performance.now() - this.freshAt;
  }

  watch() {
    const silence = this.silenceMs;
    if (silence > REOPEN_MS && this.socket && performance.now() - this.openedAt > REOPEN_MS) this.open();
    if (silence === Infinity) this.onFreshness("connecting", 0);
    else this.onFreshness(silence > STALE_MS ? "stale" : "live", Math.floor(silence / 1000));
  }
}
