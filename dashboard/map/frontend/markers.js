/** Events and reports on the map: small buttons, each with a card that cites its reports. */

import { luminance, rgb } from "./colours.js";
import { drawing, make } from "./dom.js";

/** @typedef {import("./decode.js").Marker} Marker */
/** @typedef {import("./decode.js").Faction} Faction */
/** @typedef {import("./labels.js").Box} Box */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./words.js").Words} Words */

const ARROW = "M2.5 6.6h6V3.2L14 8l-5.5 4.8V9.4h-6z";
const BURST = "M8 1.5l1.5 4L13.3 3.7 11.2 7.3 14.8 9l-4 .7 1 4.1L8 11.3 4.2 13.8l1-4.1-4-.7 3.6-1.7L2.7 3.7l3.8 1.8z";
const PLANE = "M8 1.5c.8 0 1.2.8 1.2 1.8v3l5 3.2v1.5l-5-1.6v3l1.6 1.2v1L8 13.9l-2.8.7v-1l1.6-1.2v-3l-5 1.6V9.5l5-3.2v-3C6.8 2.3 7.2 1.5 8 1.5z";
const BARS = "M4 3h3v10H4zM9 3h3v10H9z";
const RING = "M8 2a6 6 0 100 12A6 6 0 008 2zm0 2.6a3.4 3.4 0 110 6.8 3.4 3.4 0 010-6.8z";
const SWAP = "M2 5.2h7.5V2.6L14 6.2H2zM14 10.8H6.5v2.6L2 9.8h12z";
const CROSS = "M6.5 2.5h3v4h4v3h-4v4h-3v-4h-4v-3h4z";
const LOCK = "M4.8 7V5.2a3.2 3.2 0 016.4 0V7H12.5v6.5h-9V7zM6.5 7h3V5.2a1.5 1.5 0 00-3 0z";
const PAGE = "M3.5 1.8h6l3 3v9.4h-9zM5.5 6.5v1.2h5V6.5zm0 3v1.2h5V9.5z";
const BOX = "M2.5 3h11v3h-11zM3.3 7h9.4v6.3H3.3zM6.5 8.3v1.4h3V8.3z";
const HANDS = "M1.5 5.5L8 2l6.5 3.5v6H11v-3H9.3v3H6.7v-3H5v3H1.5z";
const LINK = "M4.8 4.6a3.4 3.4 0 000 6.8h2v-1.9h-2a1.5 1.5 0 010-3h2V4.6zm4.4 0v1.9h2a1.5 1.5 0 010 3h-2v1.9h2a3.4 3.4 0 000-6.8zM5.5 7.2h5v1.6h-5z";
const ROUND = "M8 4.5a3.5 3.5 0 110 7 3.5 3.5 0 010-7z";

/** The drawing of each kind of event. */
const DRAWINGS = /** @type {Record<string, string>} */ ({
  offensive: ARROW,
  pause: BARS,
  bombardment: BURST,
  "air-support": PLANE,
  transfer: SWAP,
  stance: LINK,
  arrests: LOCK,
  leaflets: PAGE,
  "evacuation-offer": HANDS,
  "reconciliation-offer": LINK,
  reinforcement: CROSS,
  supply: BOX,
  posture: RING,
  report: PAGE,
});
const WITHOUT_FACTION = "#5b6470";
const SIZE = 22; // CSS pixels, as in map.css

/** @param {Marker[]} markers @param {number} entry @returns {Marker[]} those of a day */
export function onDay(markers, entry) {
  return markers.filter((marker) => marker.from <= entry && entry <= marker.to);
}

/**
 * Spots for markers: each at its own place, or beside those that were there before it.
 *
 * @param {{x: number, y: number}[]} wanted CSS pixels
 * @returns {{x: number, y: number}[]}
 */
export function spread(wanted) {
  /** @type {{x: number, y: number}[]} */
  const found = [];
  for (const { x, y } of wanted) {
    let [step, at] = [0, { x, y }];
    const crowded = () => found.some((o) => Math.abs(o.x - at.x) < SIZE && Math.abs(o.y - at.y) < SIZE);
    while (crowded()) {
      step += 1;
      // Around the place in growing rounds of six.
      const round = Math.ceil(step / 6);
      const angle = (step * Math.PI) / 3;
      at = { x: x + round * (SIZE + 2) * Math.cos(angle), y: y + round * (SIZE + 2) * Math.sin(angle) };
    }
    found.push(at);
  }
  return found;
}

export class Markers {
  /**
   * @param {HTMLElement} layer
   * @param {Marker[]} markers
   * @param {Faction[]} factions
   * @param {Words} words
   * @param {(button: HTMLElement, marker: Marker | null) => void} point called when one is pointed
   *   at, or with null when no longer
   */
  constructor(layer, markers, factions, words, point) {
    this.layer = layer;
    this.markers = markers;
    this.factions = factions;
    this.words = words;
    this.point = point;
    /** @type {Map<Marker, HTMLButtonElement>} */
    this.buttons = new Map();
    /** @type {Box[]} where they are, CSS pixels */
    this.boxes = [];
  }

  /**
   * Show those of a day where they are.
   *
   * @param {number} entry
   * @param {View} view
   * @param {boolean} moved whether the view is another one than before
   * @returns {boolean} whether they are others than before
   */
  show(entry, view, moved) {
    const shown = onDay(this.markers, entry);
    let changed = this.buttons.size !== shown.length;
    for (const [marker, button] of this.buttons) {
      if (shown.includes(marker)) continue;
      if (button.matches(":hover, :focus")) this.point(button, null);
      button.remove();
      this.buttons.delete(marker);
      changed = true;
    }
    changed ||= shown.some((marker) => !this.buttons.has(marker));
    if (!changed && !moved) return false;
    const spots = spread(shown.map(({ x, y }) => ({ x: view.toX(x), y: view.toY(y) })));
    shown.forEach((marker, i) => {
      let button = this.buttons.get(marker);
      if (!button) {
        button = this.button(marker);
        this.buttons.set(marker, button);
        this.layer.append(button);
      }
      const { x, y } = spots[i];
      button.style.transform = `translate(${x - SIZE / 2}px, ${y - SIZE / 2}px)`;
      button.hidden = x < 0 || y < 0 || x > view.across || y > view.down;
    });
    this.boxes = spots.map(({ x, y }) => ({
      left: x - SIZE / 2,
      top: y - SIZE / 2,
      right: x + SIZE / 2,
      bottom: y + SIZE / 2,
    }));
    return changed;
  }

  /** @param {Marker} marker @returns {HTMLButtonElement} */
  button(marker) {
    const colour = this.factions[marker.faction]?.colour ?? WITHOUT_FACTION;
    const button = make("button", {
      class: "marker",
      type: "button",
      "aria-label": `${this.words.say(`kind.${marker.kind}`)}: ${marker.text}`,
      "aria-describedby": "card",
    });
    button.style.setProperty("--faction", colour);
    button.style.setProperty("--glyph", luminance(rgb(colour)) > 0.35 ? "#15181d" : "#fff");
    button.append(drawing(DRAWINGS[marker.kind] ?? ROUND));
    for (const name of ["pointerenter", "focus"]) {
      button.addEventListener(name, () => this.point(button, marker));
    }
    for (const name of ["pointerleave", "blur"]) {
      button.addEventListener(name, () => this.point(button, null));
    }
    return button;
  }
}

/**
 * What a marker says: the event and the reports behind it.
 *
 * @param {Marker} marker
 * @param {Faction[]} factions
 * @param {Words} words
 * @returns {HTMLElement[]}
 */
export function card(marker, factions, words) {
  const faction = factions[marker.faction];
  const kind = words.say(`kind.${marker.kind}`);
  const head = make("p", { class: "kind" }, faction ? `${kind} · ${faction.name}` : kind);
  const reports = marker.reports.map((report) =>
    make(
      "li",
      {},
      make("span", { class: "cite" }, `${words.date(report.date)} · ${report.source}`),
      make("span", { class: "grade" }, words.say("grade", { grade: report.grade })),
      make("span", { class: "claim" }, report.claim),
    ),
  );
  const list = reports.length ? [make("ul", {}, ...reports)] : [];
  return [head, make("p", { class: "what" }, marker.text), ...list];
}
