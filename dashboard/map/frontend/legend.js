/** What the colours mean, how much each faction holds on the day, and the same as a hidden table. */

import { css, diverging, pale, ramp } from "./colours.js";
import { make } from "./dom.js";

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./words.js").Words} Words */

const NEVER = 0.0005; // a faction whose share never exceeds this is not listed

/**
 * Factions that hold something on some day of some map.
 *
 * @param {Run} run
 * @returns {number[]}
 */
export function everHolding(run) {
  const count = run.header.factions.length;
  return run.header.factions
    .map((_, f) => f)
    .filter((f) => run.shares.some((shares) => shares.some((s, i) => i % count === f && s > NEVER)));
}

export class Legend {
  /**
   * @param {Run} run
   * @param {Words} words
   */
  constructor(run, words) {
    this.run = run;
    this.words = words;
    this.listed = everHolding(run);
    /** @type {HTMLElement[]} */
    this.numbers = [];
    this.key = make("div", { class: "key" });
    this.table = make("table");
    const rows = this.listed.map((f) => {
      const { colour } = run.header.factions[f];
      const swatch = make("i", { class: pale(colour) ? "swatch pale" : "swatch" });
      swatch.style.background = colour;
      const number = make("b");
      this.numbers.push(number);
      return make("li", {}, swatch, this.name(f), " ", number);
    });
    // The numbers change many times a second; readers of the screen have the table instead.
    this.heads = make("li", { class: "heads" }, words.say("two_shares"));
    const list = make("ul", { "aria-hidden": "true" }, this.heads, ...rows);
    this.element = make("div", { class: "legend" }, list, this.key);
  }

  /** @param {number} f @returns {string} */
  name(f) {
    return this.run.header.factions[f].name;
  }

  /** @param {number} entry @param {number[]} maps those that are shown */
  show(entry, maps) {
    const count = this.run.header.factions.length;
    this.heads.hidden = maps.length < 2;
    this.listed.forEach((f, i) => {
      const shares = maps.map((k) => this.words.percent(this.run.shares[k][entry * count + f]));
      const text = shares.join(" | ");
      // Most days change nothing that is seen here, and writing it would lay the page out anew.
      if (this.numbers[i].textContent !== text) this.numbers[i].textContent = text;
    });
  }

  /**
   * Write the hidden table of a day.
   *
   * @param {number} entry
   * @param {number[]} maps
   */
  tell(entry, maps) {
    const { words, run } = this;
    const count = run.header.factions.length;
    const caption = words.say("shares_on", { date: words.date(run.header.dates[entry]) });
    const heads = maps.map((k) => make("th", { scope: "col" }, run.header.maps[k].title));
    const rows = this.listed.map((f) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, this.name(f)),
        ...maps.map((k) => make("td", {}, words.percent(run.shares[k][entry * count + f]))),
      ),
    );
    this.table.replaceChildren(
      make("caption", {}, caption),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, words.say("faction")), ...heads)),
      make("tbody", {}, ...rows),
    );
  }

  /**
   * The key of how sure the map is, or of its ramp.
   *
   * @param {number[]} maps
   * @param {boolean} difference
   */
  explain(maps, difference) {
    const { words, run } = this;
    const notes = maps.map((k) => run.header.maps[k]);
    /** @type {HTMLElement[]} */
    const parts = [];
    if (difference && notes.every((note) => note.kind === "probability")) {
      parts.push(scale(words.say("more_in_a"), words.say("more_in_b"), (p) => css(diverging(2 * p - 1))));
    } else if (difference) {
      parts.push(make("span", {}, make("i", { class: "swatch same" }), words.say("same")));
    }
    if (!difference) {
      for (const { kind, faction } of notes) {
        if (kind !== "probability" || faction === null) continue;
        const { colour } = run.header.factions[faction];
        const name = words.say("chance_of", { faction: this.name(faction) });
        parts.push(scale(`${name} 0%`, "100%", (p) => css(ramp(colour, p))));
      }
    }
    if (notes.some((note) => note.kind === "likely")) {
      for (const level of ["solid", "quarter", "half"]) {
        const swatch = make("i", { class: `swatch ${level}` });
        parts.push(make("span", {}, swatch, words.say(`sure.${level}`)));
      }
    }
    this.key.replaceChildren(...parts);
  }
}

/**
 * A band of colours between two words.
 *
 * @param {string} low
 * @param {string} high
 * @param {(share: number) => string} colour
 * @returns {HTMLElement}
 */
function scale(low, high, colour) {
  const stops = [...Array(11).keys()].map((i) => `${colour(i / 10)} ${i * 10}%`);
  const band = make("i", { class: "band" });
  band.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  return make("span", {}, low, band, high);
}
