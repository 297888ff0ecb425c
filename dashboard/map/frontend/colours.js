/**
 * What values look like: tables from a cell's value, and the phase of the hatching, to a colour.
 *
 * A holder is told by colour, and how sure he is by hatching: solid, a quarter of the ground left
 * as paper, half of it.  Colours never fade, for faded colours cannot be told apart.
 */

import { FRONT, PHASES, VALUES } from "./raster.js";

/** @typedef {import("./decode.js").Faction} Faction */
/** @typedef {import("./decode.js").MapNote} MapNote */
/** @typedef {import("./raster.js").Palette} Palette */
/** @typedef {[number, number, number]} Rgb  0 to 255 each */

/** Steps of probability beside a holder. */
export const STEPS = 15;
/** Shown as solid from this many steps: at least three quarters. */
const SOLID = 12;
/** Shown with a quarter of paper from this many steps: at least half. */
const QUARTER = 8;

const PAPER = /** @type {Rgb} */ ([250, 250, 247]);
const INK = /** @type {Rgb} */ ([24, 28, 34]);
const SAME = /** @type {Rgb} */ ([222, 223, 224]);
const ORANGE = /** @type {Rgb} */ ([198, 93, 9]);
const PURPLE = /** @type {Rgb} */ ([94, 60, 153]);
/** Lightness in OKLab of a probability of 0, and the most that of 1 may have. */
const LIGHTEST = 0.965;
const DEEPEST = 0.66;
const PALE = /** @type {Rgb} */ ([244, 243, 240]);

/** How much paper each phase shows, softened at the edges of a line. */
const THIN = [1, 0.5, 0, 0, 0, 0, 0, 0.5];
const BROAD = [1, 1, 1, 0.5, 0, 0, 0, 0.5];
const NONE = [0, 0, 0, 0, 0, 0, 0, 0];

/** The value of a cell that is equal on two maps. */
export const EQUAL = VALUES - 1;

/** @param {string} hex such as #dc0e2e @returns {Rgb} */
export function rgb(hex) {
  const n = parseInt(hex.slice(1, 7), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** @param {Rgb} colour @returns {string} */
export function css(colour) {
  return `rgb(${colour.map(Math.round).join(" ")})`;
}

/** @param {Rgb} one @param {Rgb} two @param {number} share of the second @returns {Rgb} */
export function mix(one, two, share) {
  /** @param {number} i */
  const at = (i) => one[i] + (two[i] - one[i]) * share;
  return [at(0), at(1), at(2)];
}

/**
 * Relative luminance as WCAG 2 has it, 0 to 1.
 *
 * @param {Rgb} colour
 * @returns {number}
 */
export function luminance(colour) {
  const [r, g, b] = colour.map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Whether a colour needs an outline on a white page.
 *
 * @param {string} hex
 * @returns {boolean}
 */
export function pale(hex) {
  return luminance(rgb(hex)) > 0.5;
}

/** @param {number} channel 0 to 255 @returns {number} 0 to 1 */
function linear(channel) {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** @param {number} light 0 to 1 @returns {number} 0 to 255 */
function channel(light) {
  const c = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return 255 * c;
}

/**
 * A colour as lightness (0 to 1), chroma and hue (radians) in OKLab (Ottosson 2020), in which equal
 * steps look equal.
 *
 * @param {Rgb} colour
 * @returns {[number, number, number]}
 */
export function toLch(colour) {
  const [r, g, b] = colour.map(linear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const light = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [light, Math.hypot(a, c), Math.atan2(c, a)];
}

/**
 * The nearest colour a screen can show: chroma gives way, lightness and hue stay.
 *
 * @param {number} light
 * @param {number} chroma
 * @param {number} hue
 * @returns {Rgb}
 */
export function fromLch(light, chroma, hue) {
  for (let c = chroma; ; c -= 0.005) {
    const a = Math.max(0, c) * Math.cos(hue);
    const b = Math.max(0, c) * Math.sin(hue);
    const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const found = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ];
    if (c <= 0 || found.every((v) => v >= -0.0005 && v <= 1.0005)) {
      const [red, green, blue] = found.map((v) => channel(Math.min(1, Math.max(0, v))));
      return [red, green, blue];
    }
  }
}

/**
 * From almost paper to a faction's own hue, or a deeper shade of it where the colour itself is so
 * pale that its probabilities could not be told apart.  Lightness falls evenly.
 *
 * @param {string} hex
 * @param {number} share 0 to 1
 * @returns {Rgb}
 */
export function ramp(hex, share) {
  const [light, chroma, hue] = toLch(rgb(hex));
  const end = Math.min(light, DEEPEST);
  return fromLch(LIGHTEST + (end - LIGHTEST) * share, chroma * Math.min(1, 0.1 + 1.3 * share), hue);
}

/**
 * Orange where the first map gives more, purple where the second does.
 *
 * @param {number} more -1 to 1
 * @returns {Rgb}
 */
export function diverging(more) {
  const strength = Math.sqrt(Math.abs(more));
  return mix(PALE, more < 0 ? ORANGE : PURPLE, strength);
}

class Table {
  constructor() {
    this.shades = new Uint32Array(2 * FRONT);
    this.side = new Uint16Array(VALUES);
  }

  /**
   * @param {number} value
   * @param {Rgb} colour
   * @param {number} side
   * @param {number[]} paper share of paper in each phase
   * @param {number} [ink]   how dark a front is
   */
  set(value, colour, side, paper = NONE, ink = 0.62) {
    this.side[value] = side;
    for (let phase = 0; phase < PHASES; phase++) {
      // Dark ground glares under white lines, so its lines are a little greyer.
      const line = mix(PAPER, colour, luminance(colour) < 0.1 ? 0.22 : 0.08);
      const here = mix(colour, line, paper[phase]);
      this.shades[phase * VALUES + value] = pack(here);
      this.shades[FRONT + phase * VALUES + value] = pack(mix(colour, INK, ink));
    }
  }
}

/** @param {Rgb} colour @returns {number} as ImageData has it on a little-endian machine */
function pack([r, g, b]) {
  return ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
}

/**
 * How a map is painted.
 *
 * @param {MapNote} map
 * @param {Faction[]} factions nobody is the last
 * @returns {Palette}
 */
export function mapPalette(map, factions) {
  const table = new Table();
  if (map.kind === "probability") {
    const { colour } = factions[/** @type {number} */ (map.faction)];
    for (let p = 0; p <= 100; p++) table.set(p, ramp(colour, p / 100), Number(p >= 50));
    return table;
  }
  const nobody = factions.length - 1;
  for (let value = 0; value < 256; value++) {
    const holder = holderOf(map, value);
    if (holder > nobody) continue;
    const steps = map.kind === "run" ? STEPS : value >> 4;
    const paper = holder === nobody || steps >= SOLID ? NONE : steps >= QUARTER ? THIN : BROAD;
    table.set(value, rgb(factions[holder].colour), holder, paper);
  }
  return table;
}

/**
 * How the difference of two maps is painted: `differences` makes its values.
 *
 * @param {MapNote} second
 * @param {Faction[]} factions
 * @returns {Palette}
 */
export function differencePalette(second, factions) {
  if (second.kind === "probability") {
    const table = new Table();
    for (let d = -100; d <= 100; d++) table.set(d + 100, diverging(d / 100), 0);
    return table;
  }
  const { shades, side } = mapPalette(second, factions);
  const table = Object.assign(new Table(), { shades, side: side.map((holder) => holder + 1) });
  table.set(EQUAL, SAME, 0);
  return table;
}

/** @param {MapNote} map @param {number} value @returns {number} index of the holder */
export function holderOf(map, value) {
  return map.kind === "likely" ? value & 15 : value;
}

/**
 * The values of the difference of two maps on one day.
 *
 * @param {MapNote[]} maps
 * @param {Uint8Array} one
 * @param {Uint8Array} two
 * @param {Uint16Array} out
 */
export function differences(maps, one, two, out) {
  if (maps[1].kind === "probability") {
    for (let c = 0; c < out.length; c++) out[c] = two[c] - one[c] + 100;
    return;
  }
  for (let c = 0; c < out.length; c++) {
    out[c] = holderOf(maps[0], one[c]) === holderOf(maps[1], two[c]) ? EQUAL : two[c];
  }
}
