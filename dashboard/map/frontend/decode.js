/**
 * Reading what Python sent: `blob.py` is the other side and describes the layout.
 *
 * The bytes are a small JSON view, which may change between reruns, and a gzipped block with the
 * run itself, which does not.  Nothing here touches the page.
 */

/**
 * @typedef {{id: string, name: string, colour: string}} Faction
 * @typedef {{title: string, kind: "likely" | "probability" | "run", faction: number | null,
 *   run: number | null}} MapNote
 * @typedef {{name: string, x: number, y: number, rank: number, cell: number}} Place
 * @typedef {{id: string, date: string, grade: string, source: string, claim: string}} Report
 * @typedef {{id: string, kind: string, x: number, y: number, from: number, to: number,
 *   faction: number, text: string, reports: Report[]}} Marker
 * @typedef {{name: string, kind: string, array: string}} LineNote
 * @typedef {{dtype: "uint8" | "uint16" | "uint32" | "float32", length: number,
 *   offset: number}} ArrayNote
 * @typedef {{version: number,
 *   mesh: {cells: number, width: number, height: number, metres_per_unit: number,
 *     focus: number[] | null},
 *   dates: string[], factions: Faction[], maps: MapNote[], difference: boolean, places: Place[],
 *   markers: Marker[], words: string[], lines: LineNote[],
 *   arrays: Record<string, ArrayNote>}} Header
 * @typedef {{token: string, entry: number | null, cell: number | null}} Start
 * @typedef {{static: string, language: string, direction: string, texts: Record<string, string>,
 *   height: number, start: Start, compact?: boolean}} Sent
 * @typedef {{kind: string, name: string, points: Uint16Array}} Line
 */

/**
 * One run of the model as the map needs it.
 *
 * @typedef {object} Run
 * @property {Header} header
 * @property {number} cells
 * @property {number} entries        entries of the daily axis
 * @property {Uint16Array} vertices  x, y pairs of all rings, in mesh units, y down
 * @property {Uint32Array} rings     first vertex of each ring, and the number of vertices at the end
 * @property {Uint32Array} firstRing rings of cell c are ringOf[firstRing[c]] .. ringOf[firstRing[c+1]-1]
 * @property {Uint32Array} ringOf
 * @property {Line[]} lines
 * @property {Float32Array | null} areas km2 of each cell, if they were sent
 * @property {Uint8Array[]} frames   for each map entries * cells bytes
 * @property {Float32Array[]} shares for each map entries * factions shares of the area
 */

const LAYOUT_VERSION = 1;

/**
 * Part the view from the packed run.
 *
 * @param {Uint8Array} bytes
 * @returns {{sent: Sent, packed: Uint8Array}}
 */
export function split(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const sent = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { sent, packed: bytes.subarray(4 + length) };
}

/**
 * Undo gzip with what the browser brings.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<Uint8Array>}
 */
export async function gunzip(bytes) {
  // NOTE: looked up by name, because older type libraries do not know this class yet.
  const Stream = /** @type {any} */ (globalThis).DecompressionStream;
  const source = new Blob([/** @type {any} */ (bytes)]).stream();
  const opened = source.pipeThrough(new Stream("gzip"));
  return new Uint8Array(await new Response(opened).arrayBuffer());
}

/**
 * Turn frames that each hold the difference (XOR) from the one before into plain ones, in place.
 *
 * @param {Uint8Array} frames
 * @param {number} cells
 * @returns {Uint8Array}
 */
export function plainFrames(frames, cells) {
  for (let i = cells; i < frames.length; i++) frames[i] ^= frames[i - cells];
  return frames;
}

/**
 * The rings of each cell: a list sorted by cell, and where each cell's part of it begins.
 *
 * @param {Uint32Array} ringCell the cell of each ring
 * @param {number} cells
 * @returns {{firstRing: Uint32Array, ringOf: Uint32Array}}
 */
export function ringsByCell(ringCell, cells) {
  const firstRing = new Uint32Array(cells + 1);
  for (const cell of ringCell) firstRing[cell + 1]++;
  for (let c = 0; c < cells; c++) firstRing[c + 1] += firstRing[c];
  const next = firstRing.slice(0, cells);
  const ringOf = new Uint32Array(ringCell.length);
  ringCell.forEach((cell, ring) => (ringOf[next[cell]++] = ring));
  return { firstRing, ringOf };
}

/**
 * The run in an opened block.
 *
 * @param {Uint8Array} block
 * @returns {Run}
 */
export function unpack(block) {
  const length = new DataView(block.buffer, block.byteOffset).getUint32(0, true);
  /** @type {Header} */
  const header = JSON.parse(new TextDecoder().decode(block.subarray(4, 4 + length)));
  if (header.version !== LAYOUT_VERSION) throw new Error(`unknown layout ${header.version}`);
  const first = block.byteOffset + 4 + length;
  const types = {
    uint8: Uint8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
    float32: Float32Array,
  };
  /** @param {string} name @returns {any} */
  const array = (name) => {
    const note = header.arrays[name];
    const Type = types[note.dtype];
    const start = first + note.offset;
    // Copied, because an array of wider numbers may not begin at just any byte.
    const bytes = block.buffer.slice(start, start + note.length * Type.BYTES_PER_ELEMENT);
    return new Type(/** @type {ArrayBuffer} */ (bytes));
  };
  const { cells } = header.mesh;
  return {
    header,
    cells,
    entries: header.dates.length,
    vertices: array("vertices"),
    rings: array("rings"),
    ...ringsByCell(array("ring_cell"), cells),
    areas: header.arrays.area_km2 ? array("area_km2") : null,
    lines: header.lines.map((line) => ({
      kind: line.kind,
      name: line.name,
      points: array(line.array),
    })),
    frames: header.maps.map((_, k) => plainFrames(array(`frames:${k}`), cells)),
    shares: header.maps.map((_, k) => array(`shares:${k}`)),
  };
}

/**
 * The outline of a cell as rings of vertex numbers, first and one past the last.
 *
 * @param {Run} run
 * @param {number} cell
 * @returns {[number, number][]}
 */
export function outline(run, cell) {
  /** @type {[number, number][]} */
  const found = [];
  for (let k = run.firstRing[cell]; k < run.firstRing[cell + 1]; k++) {
    const ring = run.ringOf[k];
    found.push([run.rings[ring], run.rings[ring + 1]]);
  }
  return found;
}

/**
 * The entry of a date, the nearest one where the run has no such day.
 *
 * @param {Run} run
 * @param {string} date ISO
 * @returns {number}
 */
export function entryOf(run, date) {
  const { dates } = run.header;
  const after = dates.findIndex((day) => day >= date);
  return after < 0 ? dates.length - 1 : after;
}

/**
 * The run in what was sent.
 *
 * @param {Uint8Array} packed
 * @returns {Promise<Run>}
 */
export async function decode(packed) {
  return unpack(await gunzip(packed));
}
