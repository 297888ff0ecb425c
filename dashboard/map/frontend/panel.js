/** One map on the page: its canvases, title, markers, scale and tools. */

import { EQUAL, STEPS, differencePalette, differences, holderOf, mapPalette } from "./colours.js";
import { make } from "./dom.js";
import { Markers } from "./markers.js";
import { Overlay } from "./overlay.js";
import { scaleBar } from "./view.js";

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./decode.js").Marker} Marker */
/** @typedef {import("./labels.js").Box} Box */
/** @typedef {import("./raster.js").IndexMap} IndexMap */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {number | "difference"} Shown  index of a map, or what differs between the two */

const LONGEST_BAR = 110; // CSS pixels
const BAR_SHARE = 0.2; // of a map's width at most
const LETTERS_OF_MAPS = ["A", "B"];

export class Panel {
  /**
   * @param {Run} run
   * @param {Shown} shown
   * @param {Words} words
   * @param {(button: HTMLElement, marker: Marker | null) => void} point
   */
  constructor(run, shown, words, point) {
    this.run = run;
    this.shown = shown;
    this.words = words;
    const { maps, factions } = run.header;
    this.palette =
      shown === "difference" ? differencePalette(maps[1], factions) : mapPalette(maps[shown], factions);
    this.values = new Uint16Array(run.cells);
    const title = shown === "difference" ? words.say("difference_title") : maps[shown].title;
    const letter = maps.length > 1 && shown !== "difference" ? LETTERS_OF_MAPS[shown] : null;
    this.ground = make("canvas", { class: "ground" });
    const over = make("canvas", { class: "over" });
    this.stage = make(
      "div",
      {
        class: "stage",
        tabindex: 0,
        role: "application",
        "aria-label": words.say("map_name", { title }),
        "aria-describedby": "help",
      },
      this.ground,
      over,
    );
    this.title = make("div", { class: "title", "aria-hidden": "true" }, ...badge(letter), title);
    this.bar = make("i");
    this.barWords = make("span");
    this.scale = make("div", { class: "scale", "aria-hidden": "true" }, this.bar, this.barWords);
    this.layer = make("div", { class: "markers" });
    this.element = make(
      "div",
      { class: "panel" },
      this.stage,
      this.layer,
      this.title,
      this.scale,
    );
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.ground.getContext("2d"));
    this.overlay = new Overlay(run, over);
    this.markers = new Markers(this.layer, run.header.markers, factions, words, point);
    /** @type {ImageData | null} */
    this.image = null;
    /** @type {{view: View, ratio: number, font: string, picked: number | null} | null} */
    this.seen = null;
    this.stale = true; // whether what lies over the colours is to be drawn anew
  }

  /**
   * A new view: the ground gets its size, everything over it is drawn anew.
   *
   * @param {View} view
   * @param {number} ratio
   * @param {string} font
   * @param {number | null} picked
   * @param {IndexMap} index
   */
  look(view, ratio, font, picked, index) {
    const { ground, pen } = this;
    if (ground.width !== index.width || ground.height !== index.height || !this.image) {
      ground.width = index.width;
      ground.height = index.height;
      this.image = pen.createImageData(index.width, index.height);
    } else {
      new Uint32Array(this.image.data.buffer).fill(0);
      pen.clearRect(0, 0, index.width, index.height); // only the map's own part is painted
    }
    const { metres, pixels } = scaleBar(
      this.run.header.mesh.metres_per_unit / view.scale,
      Math.min(LONGEST_BAR, BAR_SHARE * view.across),
    );
    this.seen = { view, ratio, font, picked };
    this.stale = true;
    this.bar.style.width = `${pixels}px`;
    this.barWords.textContent = this.words.distance(metres);
    // Above the first zoom a finger moves the map; before it, the page.
    this.stage.style.touchAction = view.zoom > 1 ? "none" : "pan-y";
  }

  /**
   * Another cell is picked.
   *
   * @param {number | null} picked
   */
  pick(picked) {
    if (!this.seen) return;
    this.seen.picked = picked;
    this.cover();
  }

  /** Draw what lies over the colours; no name where a marker, the title or a tool is. */
  cover() {
    if (!this.seen) return;
    const { view, ratio, font, picked } = this.seen;
    const taken = [...this.element.children].filter(furniture).map(boxOf);
    this.overlay.draw(view, ratio, font, picked, [...taken, ...this.markers.boxes]);
    this.stale = false;
  }

  /**
   * Paint a day.
   *
   * @param {number} entry
   * @param {IndexMap} index
   * @param {View} view
   */
  paint(entry, index, view) {
    const { run, shown, values } = this;
    if (!this.image) return;
    if (shown === "difference") {
      differences(run.header.maps, this.frame(0, entry), this.frame(1, entry), values);
    } else {
      values.set(this.frame(shown, entry));
    }
    index.paint(new Uint32Array(this.image.data.buffer), values, this.palette);
    const { left, top, right, bottom } = index.box;
    this.pen.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
    if (this.markers.show(entry, view, this.stale) || this.stale) this.cover();
  }

  /** @param {number} map @param {number} entry @returns {Uint8Array} what each cell shows */
  frame(map, entry) {
    const { cells, frames } = this.run;
    return frames[map].subarray(entry * cells, (entry + 1) * cells);
  }

  /**
   * What a cell shows on a day, in words, one line a map.
   *
   * @param {number} cell
   * @param {number} entry
   * @returns {{faction: number, text: string}[]}
   */
  tell(cell, entry) {
    if (this.shown !== "difference") return [this.tellMap(this.shown, cell, entry)];
    return [0, 1].map((k) => {
      const { faction, text } = this.tellMap(k, cell, entry);
      return { faction, text: `${LETTERS_OF_MAPS[k]}: ${text}` };
    });
  }

  /**
   * @param {number} map
   * @param {number} cell
   * @param {number} entry
   * @returns {{faction: number, text: string}}
   */
  tellMap(map, cell, entry) {
    const { words } = this;
    const { maps, factions } = this.run.header;
    const value = this.frame(map, entry)[cell];
    const note = maps[map];
    const faction =
      note.kind === "probability" ? /** @type {number} */ (note.faction) : holderOf(note, value);
    const { name } = factions[faction];
    if (note.kind === "run") return { faction, text: name };
    const share = note.kind === "likely" ? (value >> 4) / STEPS : value / 100;
    return { faction, text: words.say("in_runs", { faction: name, share: words.percent(share) }) };
  }

  /**
   * Cells that differ between the two maps on a day.
   *
   * @param {number} entry
   * @returns {number}
   */
  differing(entry) {
    const { maps } = this.run.header;
    differences(maps, this.frame(0, entry), this.frame(1, entry), this.values);
    const equal = maps[1].kind === "probability" ? 100 : EQUAL;
    return this.values.reduce((n, value) => n + Number(value !== equal), 0);
  }
}

/** @param {Element} element */
function furniture(element) {
  return element.matches(".title, .scale, .tools");
}

/** @param {Element} element @returns {Box} inside its panel, CSS pixels */
function boxOf(element) {
  const { offsetLeft: left, offsetTop: top, offsetWidth, offsetHeight } =
    /** @type {HTMLElement} */ (element);
  return { left, top, right: left + offsetWidth, bottom: top + offsetHeight };
}

/** @param {string | null} letter @returns {HTMLElement[]} */
function badge(letter) {
  return letter ? [make("b", { class: "letter" }, letter)] : [];
}
