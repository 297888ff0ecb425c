/**
 * The index map: for each pixel the number of the cell that it shows.
 *
 * It is made once for a view; a day is then painted by one table look-up a pixel, so the cost of a
 * frame depends on pixels and not on cells, and picking is a read.  Cells may have any shape, with
 * holes and several parts: they are filled by the even-odd rule.
 */

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./view.js").View} View */

/** Phases of the hatching, along a diagonal of the screen. */
export const PHASES = 8;
const PERIOD = 6; // CSS pixels along a row from line to line of the hatching
/** What a cell may show: numbers below this. */
export const VALUES = 512;
/** In a table, the shades of pixels on a front follow those of all others. */
export const FRONT = PHASES * VALUES;

const NO_CELL = -1;
const SLIT = 4000; // metres across, at most, of what is left open between cells
const WIDEST = 60; // device pixels, for a view so near that a slit is a sight of its own

/**
 * A way to paint: `shades[phase * VALUES + value]` is a colour, 32 bits as ImageData has them;
 * there is a front between neighbours whose values differ in `side`.
 *
 * @typedef {{shades: Uint32Array, side: Uint16Array}} Palette
 */

export class IndexMap {
  /** @param {Run} run */
  constructor(run) {
    this.run = run;
    this.width = 1; // device pixels
    this.height = 1;
    this.ratio = 1; // device pixels a CSS pixel
    this.index = new Int32Array(1).fill(NO_CELL);
    this.covered = 0;
    this.pixel = new Uint32Array(0);
    this.cell = new Uint32Array(0);
    this.phase = new Uint16Array(0);
    this.box = { left: 0, top: 0, right: 1, bottom: 1 }; // around the covered pixels
    this.borders = 0;
    this.borderAt = new Uint32Array(0); // which of the covered pixels
    this.borderTo = new Uint32Array(0); // the other cell
    this.lines = 0;
    this.lineAt = new Uint32Array(0); // pixels on a border
    this.lineShare = new Uint8Array(0); // how much white is laid over it, of 255
    this.boxes = boxes(run);
    this.crossings = new Float64Array(0);
    this.counts = new Int32Array(0);
  }

  /**
   * Find the cell of every pixel.
   *
   * @param {View} view
   * @param {number} ratio device pixels a CSS pixel
   */
  scan(view, ratio) {
    this.ratio = ratio;
    this.width = Math.max(1, Math.round(view.across * ratio));
    this.height = Math.max(1, Math.round(view.down * ratio));
    const size = this.width * this.height;
    if (this.index.length !== size) this.index = new Int32Array(size);
    this.index.fill(NO_CELL);
    const scale = view.scale * ratio;
    const left = view.toX(0) * ratio;
    const top = view.toY(0) * ratio;
    const { boxes } = this;
    for (let c = 0; c < this.run.cells; c++) {
      const b = 4 * c;
      if (
        boxes[b] * scale + left < this.width &&
        boxes[b + 1] * scale + top < this.height &&
        boxes[b + 2] * scale + left > 0 &&
        boxes[b + 3] * scale + top > 0
      ) {
        this.fill(c, scale, left, top);
      }
    }
    this.mend(Math.min(WIDEST, Math.ceil((SLIT / this.run.header.mesh.metres_per_unit) * scale)));
    this.list(ratio);
  }

  /**
   * Close slits: where cells of two sizes meet, hexagons leave slivers of ground to nobody.  A pixel
   * with a cell near on all four sides goes to the nearer one in its row.
   *
   * @param {number} reach device pixels
   */
  mend(reach) {
    const { width, height, index } = this;
    /** @param {number} at @param {number} step @param {number} room */
    const near = (at, step, room) => {
      for (let k = 1; k <= Math.min(reach, room); k++) {
        if (index[at + k * step] !== NO_CELL) return true;
      }
      return false;
    };
    for (let y = 0; y < height; y++) {
      const row = y * width;
      for (let x = 0; x < width; x++) {
        if (index[row + x] !== NO_CELL) continue;
        const begin = x;
        while (x < width && index[row + x] === NO_CELL) x++;
        if (begin === 0 || x === width || x - begin > reach) continue;
        for (let k = begin; k < x; k++) {
          if (near(row + k, -width, y) && near(row + k, width, height - 1 - y)) {
            index[row + k] = index[k - begin < x - k ? row + begin - 1 : row + x];
          }
        }
      }
    }
  }

  /**
   * Fill one cell: on each row of pixels, between the first and second crossing of its outline,
   * between the third and fourth, and so on.
   *
   * @param {number} cell
   * @param {number} scale device pixels a mesh unit
   * @param {number} left  device pixels
   * @param {number} top
   */
  fill(cell, scale, left, top) {
    const { vertices, rings, firstRing, ringOf } = this.run;
    const { width, height, index } = this;
    const first = Math.max(0, Math.ceil(this.boxes[4 * cell + 1] * scale + top - 0.5));
    const last = Math.min(height - 1, Math.floor(this.boxes[4 * cell + 3] * scale + top - 0.5));
    const rows = last - first + 1;
    if (rows <= 0) return;
    let edges = 0;
    for (let k = firstRing[cell]; k < firstRing[cell + 1]; k++) {
      edges += rings[ringOf[k] + 1] - rings[ringOf[k]];
    }
    if (this.counts.length < rows) this.counts = new Int32Array(2 * rows);
    if (this.crossings.length < rows * edges) this.crossings = new Float64Array(2 * rows * edges);
    const { counts, crossings } = this;
    counts.fill(0, 0, rows);
    for (let k = firstRing[cell]; k < firstRing[cell + 1]; k++) {
      const from = rings[ringOf[k]];
      const to = rings[ringOf[k] + 1];
      for (let v = from; v < to; v++) {
        // Each edge runs downwards, whichever way the ring goes: neighbours then compute the
        // same crossings for the edge they share, and no pixel between them is lost or taken twice.
        let a = 2 * v;
        let b = 2 * (v + 1 < to ? v + 1 : from);
        if (vertices[a + 1] > vertices[b + 1]) [a, b] = [b, a];
        const y0 = vertices[a + 1] * scale + top;
        const y1 = vertices[b + 1] * scale + top;
        const begin = Math.max(first, Math.ceil(y0 - 0.5));
        const end = Math.min(last, Math.ceil(y1 - 0.5) - 1);
        if (begin > end) continue;
        const x0 = vertices[a] * scale + left;
        const slope = (vertices[b] * scale + left - x0) / (y1 - y0);
        for (let y = begin; y <= end; y++) {
          const row = y - first;
          crossings[row * edges + counts[row]++] = x0 + (y + 0.5 - y0) * slope;
        }
      }
    }
    for (let row = 0; row < rows; row++) {
      const n = counts[row];
      const start = row * edges;
      if (n > 2) crossings.subarray(start, start + n).sort();
      const line = (first + row) * width;
      for (let i = 0; i + 1 < n; i += 2) {
        const x0 = Math.min(crossings[start + i], crossings[start + i + 1]);
        const x1 = Math.max(crossings[start + i], crossings[start + i + 1]);
        const begin = Math.max(0, Math.ceil(x0 - 0.5));
        const end = Math.min(width, Math.ceil(x1 - 0.5));
        if (begin < end) index.fill(cell, line + begin, line + end);
      }
    }
  }

  /**
   * List the pixels that show a cell, and those of them that touch another cell.
   *
   * @param {number} ratio
   */
  list(ratio) {
    const { index, width, height } = this;
    const size = width * height;
    if (this.pixel.length < size) {
      this.pixel = new Uint32Array(size);
      this.cell = new Uint32Array(size);
      this.phase = new Uint16Array(size);
      this.rank = new Uint32Array(size);
      this.borderAt = new Uint32Array(4 * size);
      this.borderTo = new Uint32Array(4 * size);
    }
    const { pixel, cell, phase, borderAt, borderTo } = this;
    const rank = /** @type {Uint32Array} */ (this.rank);
    const finer = PHASES / (PERIOD * ratio);
    let [left, right] = [width, 0];
    let n = 0;
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        if (index[p] === NO_CELL) continue;
        if (x < left) left = x;
        if (x > right) right = x;
        rank[p] = n;
        pixel[n] = p;
        cell[n] = index[p];
        phase[n++] = (Math.floor((x + y) * finer) % PHASES) * VALUES;
      }
    }
    this.covered = n;
    this.box = {
      left,
      top: n ? Math.floor(pixel[0] / width) : 0,
      right: right + 1,
      bottom: n ? Math.floor(pixel[n - 1] / width) + 1 : 0,
    };
    const step = Math.max(1, Math.round(ratio)); // so a front is as wide on every screen
    let m = 0;
    for (let i = 0; i < n; i++) {
      const p = pixel[i];
      const x = p % width;
      for (const q of [x + step < width ? p + step : size, p + step * width]) {
        if (q >= size || index[q] === NO_CELL || index[q] === index[p]) continue;
        borderAt[m] = i;
        borderTo[m++] = index[q];
        borderAt[m] = rank[q];
        borderTo[m++] = index[p];
      }
    }
    this.borders = m;
  }

  /**
   * Take the borders that are laid in white over the colours, but under the fronts, which else would
   * be hidden wherever a front runs along a border.
   *
   * @param {Uint8ClampedArray} pixels of an image of this size: what counts is how opaque they are
   */
  lay(pixels) {
    const { covered, pixel } = this;
    if (this.lineAt.length < covered) {
      this.lineAt = new Uint32Array(covered);
      this.lineShare = new Uint8Array(covered);
    }
    let n = 0;
    for (let i = 0; i < covered; i++) {
      const share = pixels[4 * pixel[i] + 3];
      if (!share) continue;
      this.lineAt[n] = pixel[i];
      this.lineShare[n++] = share;
    }
    this.lines = n;
  }

  /**
   * The cell at a CSS pixel, or null beside the map.
   *
   * @param {number} px
   * @param {number} py
   * @returns {number | null}
   */
  pick(px, py) {
    const x = Math.floor(px * this.ratio);
    const y = Math.floor(py * this.ratio);
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return null;
    const cell = this.index[y * this.width + x];
    return cell === NO_CELL ? null : cell;
  }

  /**
   * Paint a day: every covered pixel by its cell's value, borders over it, fronts over both.
   *
   * @param {Uint32Array} out      pixels of an ImageData of this size
   * @param {Uint16Array} values   what each cell shows, below VALUES
   * @param {Palette} palette
   */
  paint(out, values, palette) {
    const { covered, pixel, cell, phase, borders, borderAt, borderTo } = this;
    const { shades, side } = palette;
    for (let i = 0; i < covered; i++) out[pixel[i]] = shades[phase[i] + values[cell[i]]];
    for (let i = 0; i < this.lines; i++) {
      const at = this.lineAt[i];
      out[at] = whiter(out[at], this.lineShare[i]);
    }
    for (let i = 0; i < borders; i++) {
      const at = borderAt[i];
      const value = values[cell[at]];
      if (side[value] !== side[values[borderTo[i]]]) {
        out[pixel[at]] = shades[FRONT + phase[at] + value];
      }
    }
  }
}

/**
 * A colour with some white laid over it.
 *
 * @param {number} colour 32 bits as ImageData has them
 * @param {number} share  of 255
 * @returns {number}
 */
export function whiter(colour, share) {
  const red = colour & 255;
  const green = (colour >>> 8) & 255;
  const blue = (colour >>> 16) & 255;
  const r = red + (((255 - red) * share) >> 8);
  const g = green + (((255 - green) * share) >> 8);
  const b = blue + (((255 - blue) * share) >> 8);
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * The box around each cell: left, top, right, bottom in mesh units, (4 * cells).
 *
 * @param {Run} run
 * @returns {Uint16Array}
 */
export function boxes(run) {
  const found = new Uint16Array(4 * run.cells);
  for (let c = 0; c < run.cells; c++) {
    let [left, top, right, bottom] = [65535, 65535, 0, 0];
    for (let k = run.firstRing[c]; k < run.firstRing[c + 1]; k++) {
      for (let v = run.rings[run.ringOf[k]]; v < run.rings[run.ringOf[k] + 1]; v++) {
        left = Math.min(left, run.vertices[2 * v]);
        right = Math.max(right, run.vertices[2 * v]);
        top = Math.min(top, run.vertices[2 * v + 1]);
        bottom = Math.max(bottom, run.vertices[2 * v + 1]);
      }
    }
    found.set([left, top, right, bottom], 4 * c);
  }
  return found;
}
