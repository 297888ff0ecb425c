/** The day that is shown, and its passing. */

/** Days a second that can be chosen. */
export const SPEEDS = [4, 8, 20, 60];
const CALM = 4;
const USUAL = 8;

export class Player {
  /**
   * @param {number} entries of the daily axis
   * @param {(settled: boolean) => void} changed called when the day or playing changes; settled
   *   when it is not just passing by
   */
  constructor(entries, changed) {
    this.entries = entries;
    this.changed = changed;
    this.entry = 0;
    this.playing = false;
    this.speed = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM : USUAL;
    this.request = 0;
    this.last = 0;
    this.owed = 0; // days that have passed and were not shown yet
    this.ticks = /** @type {number[]} */ ([]); // when the latest frames were drawn, in ms
  }

  /** The latest frames a second; 0 before there are any. */
  get fps() {
    const { ticks } = this;
    const span = ticks[ticks.length - 1] - ticks[0];
    return ticks.length > 1 ? ((ticks.length - 1) * 1000) / span : 0;
  }

  play() {
    if (this.playing || this.entries < 2) return;
    if (this.entry === this.entries - 1) this.entry = 0;
    this.playing = true;
    this.owed = 0;
    this.ticks = [];
    this.last = performance.now();
    this.request = requestAnimationFrame((now) => this.tick(now));
    this.changed(false);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.changed(true);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /**
   * Show a day, held inside the run.
   *
   * @param {number} entry
   * @param {boolean} [settled] false while a hand is still moving
   */
  go(entry, settled = true) {
    if (settled && this.playing) {
      this.playing = false;
      cancelAnimationFrame(this.request);
    }
    this.entry = Math.min(this.entries - 1, Math.max(0, Math.round(entry)));
    this.changed(settled && !this.playing);
  }

  /** @param {number} now ms */
  tick(now) {
    if (!this.playing) return;
    this.owed += (Math.max(0, now - this.last) / 1000) * this.speed;
    this.last = now;
    this.ticks.push(now);
    if (this.ticks.length > 120) this.ticks.shift();
    const days = Math.floor(this.owed);
    if (days >= 1) {
      this.owed -= days;
      this.entry = Math.min(this.entries - 1, this.entry + days);
      if (this.entry === this.entries - 1) return this.pause();
      this.changed(false);
    }
    this.request = requestAnimationFrame((next) => this.tick(next));
  }

  stop() {
    this.playing = false;
    cancelAnimationFrame(this.request);
  }
}
