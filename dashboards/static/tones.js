// Sounds of a station. A hall is loud: they are a second channel, never the only one.

/** @type {Record<string, {hz: number, s: number, times: number}>} */
const TONES = {
  release: { hz: 880, s: 0.12, times: 1 },
  stop: { hz: 220, s: 0.25, times: 2 },
  unknown: { hz: 440, s: 0.2, times: 1 },
};

/** @type {AudioContext | null} browsers make none before the first key or touch; a scanner's keys count */
let audio = null;

for (const kind of ["keydown", "pointerdown"]) {
  addEventListener(kind, () => (audio ??= new AudioContext()), { once: true });
}

/** @param {"release" | "stop" | "unknown"} name */
export function sound(name) {
  if (!audio) return;
  const { hz, s, times } = TONES[name];
  for (let n = 0; n < times; n += 1) {
    const from = audio.currentTime + n * (s + 0.08);
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0.4, from);
    volume.gain.linearRampToValueAtTime(0, from + s);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + s);
  }
}
