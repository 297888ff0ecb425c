/** What lies over the colours: borders, rivers, roads, names, the picked cell. */

import { outline } from "./decode.js";
import { make } from "./dom.js";
import { placeLabels } from "./labels.js";

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./labels.js").Box} Box */

/**
 * Strokes of a kind of line, the lowest first; `from` is the zoom at which it appears.
 *
 * @type {{kind: string, from: number, strokes: {colour: string, width: number}[]}[]}
 */
const STYLES = [
  {
    kind: "road",
    from: 2.2,
    strokes: [
      { colour: "rgb(255 255 255 / .55)", width: 2 },
      { colour: "rgb(92 78 66 / .8)", width: 0.8 },
    ],
  },
  {
    kind: "trunk",
    from: 1.5,
    strokes: [
      { colour: "rgb(255 255 255 / .6)", width: 2.8 },
      { colour: "rgb(92 78 66 / .9)", width: 1.2 },
    ],
  },
  { kind: "river", from: 1, strokes: [{ colour: "#3f7fb5", width: 1.4 }] },
  { kind: "country", from: 1, strokes: [{ colour: "rgb(40 44 50 / .75)", width: 1.1 }] },
];

/**
 * What lies under the fronts: borders, and the banks of rivers, along which many a front runs.
 *
 * @type {typeof STYLES}
 */
const BORDERS = [
  { kind: "river", from: 1, strokes: [{ colour: "rgb(255 255 255 / .7)", width: 2.8 }] },
  { kind: "district", from: 1, strokes: [{ colour: "rgb(255 255 255 / .5)", width: 0.7 }] },
  { kind: "governorate", from: 1, strokes: [{ colour: "rgb(255 255 255 / .95)", width: 1.3 }] },
];

/** Weight and size of a name by the rank of its place. */
const LETTERS = [
  { weight: 700, size: 13.5 },
  { weight: 600, size: 12.5 },
  { weight: 500, size: 12 },
  { weight: 400, size: 11.5 },
];
const HALO = "rgb(255 255 255 / .88)";
const LETTER = "#15181d";
const PIXELS_A_NAME = 11_000; // of map area, so that a small map is not all names
const LONG_LIST = 90; // places considered at zoom 1

export class Overlay {
  /**
   * @param {Run} run
   * @param {HTMLCanvasElement} canvas
   */
  constructor(run, canvas) {
    this.run = run;
    this.canvas = canvas;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {Map<string, number>} */
    this.widths = new Map();
  }

  /**
   * Draw everything anew.
   *
   * @param {View} view
   * @param {number} ratio  device pixels a CSS pixel
   * @param {string} font   font family
   * @param {number | null} picked
   * @param {Box[]} taken   where no name may stand, in CSS pixels
   */
  draw(view, ratio, font, picked, taken) {
    const { canvas, pen } = this;
    canvas.width = Math.max(1, Math.round(view.across * ratio));
    canvas.height = Math.max(1, Math.round(view.down * ratio));
    pen.scale(ratio, ratio);
    strokeLines(pen, this.run, STYLES, view);
    if (picked !== null) this.mark(picked, view);
    this.names(view, font, taken);
  }

  /**
   * Outline a cell.
   *
   * @param {number} cell
   * @param {View} view
   */
  mark(cell, view) {
    const { pen } = this;
    pen.beginPath();
    for (const [from, to] of outline(this.run, cell)) {
      trace(pen, this.run.vertices.subarray(2 * from, 2 * to), view);
      pen.closePath();
    }
    for (const [colour, width] of /** @type {[string, number][]} */ ([
      ["#fff", 4.5],
      ["#111418", 2],
    ])) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
  }

  /**
   * Names of places, more of them the closer one looks.
   *
   * @param {View} view
   * @param {string} font
   * @param {Box[]} taken
   */
  names(view, font, taken) {
    const { pen } = this;
    const listed = this.run.header.places.slice(0, Math.round(LONG_LIST * view.zoom ** 2));
    const candidates = [];
    for (const place of listed) {
      const x = view.toX(place.x);
      const y = view.toY(place.y);
      if (x < 0 || y < 0 || x > view.across || y > view.down) continue;
      const { size } = letters(place.rank);
      const width = this.width(place.name, face(place.rank, font));
      candidates.push({ name: place.name, x, y, rank: place.rank, width, size });
    }
    const frame = { left: 2, top: 2, right: view.across - 2, bottom: view.down - 2 };
    const most = Math.max(8, Math.round((view.across * view.down) / PIXELS_A_NAME));
    const labels = placeLabels(candidates, frame, taken, most);
    pen.textBaseline = "middle";
    pen.strokeStyle = HALO;
    pen.lineWidth = 3;
    for (const label of labels) {
      pen.font = face(label.rank, font);
      pen.strokeText(label.name, label.left, label.middle);
      pen.fillStyle = LETTER;
      pen.fillText(label.name, label.left, label.middle);
      pen.beginPath();
      pen.arc(label.x, label.y, label.rank === 0 ? 3 : 2.2, 0, 2 * Math.PI);
      pen.fillStyle = "#fff";
      pen.fill();
      pen.save();
      pen.strokeStyle = LETTER;
      pen.lineWidth = label.rank === 0 ? 1.6 : 1.1;
      pen.stroke();
      pen.restore();
    }
    this.shown = labels.map((label) => label.name);
  }

  /**
   * @param {string} name
   * @param {string} font
   * @returns {number} CSS pixels
   */
  width(name, font) {
    const key = `${font} ${name}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      this.pen.font = font;
      width = this.pen.measureText(name).width;
      this.widths.set(key, width);
    }
    return width;
  }

  /** Measure anew: another font has come. */
  forget() {
    this.widths.clear();
  }
}

/**
 * What is laid under the fronts in a view, as an image of it alone.
 *
 * @param {Run} run
 * @param {View} view
 * @param {number} ratio
 * @param {number} width  device pixels
 * @param {number} height
 * @returns {Uint8ClampedArray}
 */
export function borders(run, view, ratio, width, height) {
  const canvas = make("canvas", { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  pen.scale(ratio, ratio);
  strokeLines(pen, run, BORDERS, view);
  return pen.getImageData(0, 0, width, height).data;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Run} run
 * @param {typeof STYLES} styles
 * @param {View} view
 */
function strokeLines(pen, run, styles, view) {
  pen.lineJoin = "round";
  pen.lineCap = "round";
  for (const style of styles) {
    if (view.zoom < style.from) continue;
    pen.beginPath();
    for (const line of run.lines) if (line.kind === style.kind) trace(pen, line.points, view);
    for (const { colour, width } of style.strokes) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * Math.min(1.8, view.zoom ** 0.25);
      pen.stroke();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Uint16Array} points
 * @param {View} view
 */
function trace(pen, points, view) {
  for (let i = 0; i < points.length; i += 2) {
    const x = view.toX(points[i]);
    const y = view.toY(points[i + 1]);
    if (i) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  }
}

/** @param {number} rank */
function letters(rank) {
  return LETTERS[Math.min(rank, LETTERS.length - 1)];
}

/** @param {number} rank @param {string} family @returns {string} a CSS font */
function face(rank, family) {
  const { weight, size } = letters(rank);
  return `${weight} ${size}px ${family}`;
}
