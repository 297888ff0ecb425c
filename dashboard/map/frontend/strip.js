/** The strip: who held how much over time, the events as ticks, and the day to drag. */

import { make } from "./dom.js";

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./words.js").Words} Words */

const INSET = 8; // half of the thumb that the range draws, CSS pixels, as in map.css
const LANE = 9; // below the areas, for the ticks
const AXIS = 16; // below the lane, for the months
const MONTH_GAP = 6; // CSS pixels between the names of two months

/**
 * Upper edges of stacked shares: edge f of entry t is edges[t * (factions + 1) + f], 0 to 1.
 *
 * @param {Float32Array} shares entries * factions
 * @param {number} factions
 * @returns {Float32Array}
 */
export function stack(shares, factions) {
  const entries = shares.length / factions;
  const edges = new Float32Array(entries * (factions + 1));
  for (let t = 0; t < entries; t++) {
    for (let f = 0; f < factions; f++) {
      const at = t * (factions + 1) + f;
      edges[at + 1] = edges[at] + shares[t * factions + f];
    }
  }
  return edges;
}

export class Strip {
  /**
   * @param {Run} run
   * @param {number} map    index
   * @param {Words} words
   * @param {boolean} first whether it is the one for the keyboard
   * @param {(entry: number, settled: boolean) => void} go
   */
  constructor(run, map, words, first, go) {
    this.run = run;
    this.words = words;
    this.edges = stack(run.shares[map], run.header.factions.length);
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.range = make("input", {
      type: "range",
      min: 0,
      max: run.entries - 1,
      step: 1,
      value: 0,
      "aria-label": words.say("day"),
      tabindex: first ? 0 : -1,
    });
    this.element = make("div", { class: "strip" }, this.canvas, this.range);
    this.range.addEventListener("input", () => go(Number(this.range.value), false));
    this.range.addEventListener("change", () => go(Number(this.range.value), true));
  }

  /**
   * @param {number} entry
   * @param {string} date in words
   */
  show(entry, date) {
    this.range.value = String(entry);
    this.range.setAttribute("aria-valuetext", date);
  }

  /**
   * Draw the areas, ticks and months anew.
   *
   * @param {number} ratio
   * @param {string} font
   */
  draw(ratio, font) {
    const { run, canvas } = this;
    const { factions, markers, dates } = run.header;
    const across = Math.max(1, canvas.clientWidth);
    const down = Math.max(1, canvas.clientHeight);
    canvas.width = Math.max(1, Math.round(across * ratio));
    canvas.height = Math.max(1, Math.round(down * ratio));
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.scale(ratio, ratio);
    const last = Math.max(1, run.entries - 1);
    /** @param {number} t */
    const x = (t) => INSET + (t / last) * (across - 2 * INSET);
    const height = Math.max(1, down - LANE - AXIS);
    const bands = factions.length + 1;
    for (let f = 0; f < factions.length; f++) {
      pen.fillStyle = factions[f].colour;
      pen.beginPath();
      for (let t = 0; t < run.entries; t++) pen.lineTo(x(t), this.edges[t * bands + f] * height);
      for (let t = run.entries - 1; t >= 0; t--) {
        pen.lineTo(x(t), this.edges[t * bands + f + 1] * height);
      }
      pen.fill();
    }
    for (const { from, faction } of markers) {
      pen.fillStyle = factions[faction]?.colour ?? "#5b6470";
      pen.strokeStyle = "rgb(30 34 40 / .55)";
      pen.lineWidth = 0.6;
      pen.beginPath();
      pen.moveTo(x(from), height + 2);
      pen.lineTo(x(from) + 3.2, height + LANE - 0.5);
      pen.lineTo(x(from) - 3.2, height + LANE - 0.5);
      pen.closePath();
      pen.fill();
      pen.stroke();
    }
    pen.font = `12px ${font}`;
    pen.fillStyle = "#555d68";
    pen.textBaseline = "alphabetic";
    let free = 0;
    dates.forEach((date, t) => {
      if (!date.endsWith("-01")) return;
      pen.fillRect(Math.round(x(t)), height + LANE, 1, 4);
      const month = this.words.month(date);
      const end = x(t) + 4 + pen.measureText(month).width;
      if (x(t) < free || end > across) return;
      pen.fillText(month, x(t) + 4, down - 3);
      free = end + MONTH_GAP;
    });
  }
}
