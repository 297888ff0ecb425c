/**
 * The map that plays: what Streamlit calls, and what holds the parts together.
 *
 * A rerun of the page calls it again with what Python sends.  The same run is not read again and
 * goes on playing; of another run the day, the view and the pick are kept where they make sense.
 */

import { decode, entryOf, split } from "./decode.js";
import { drawing, make } from "./dom.js";
import { keepsKey, wish } from "./keyboard.js";
import { Legend } from "./legend.js";
import { card } from "./markers.js";
import { borders } from "./overlay.js";
import { Panel } from "./panel.js";
import { listen } from "./pick.js";
import { Player, SPEEDS } from "./player.js";
import { IndexMap } from "./raster.js";
import { Strip } from "./strip.js";
import { View } from "./view.js";
import { Words } from "./words.js";

/** @typedef {import("./decode.js").Run} Run */
/** @typedef {import("./decode.js").Sent} Sent */
/** @typedef {import("./decode.js").Marker} Marker */
/** @typedef {import("./panel.js").Shown} Shown */
/** @typedef {(name: string, value: number | null) => void} Tell */
/** @typedef {"a" | "b" | "both" | "difference"} Mode */

const SIDE_BY_SIDE = 720; // CSS pixels of width from which two maps stand beside each other
const NARROW = 600; // CSS pixels of width of one map
const BETWEEN = 12; // between them, as in map.css
const LOWEST = 220; // CSS pixels a map is high at least
const EDGE = 28; // CSS pixels of height beyond what the map needs at full width
const MOST_RATIO = 2; // device pixels a CSS pixel: finer is not seen, but costs
const SETTLE = 150; // ms before Python hears of a day
const HINT = 1600; // ms
const REST = 180; // ms without a move after which the map is drawn finely
const ZOOM_STEP = 1.6;

const PLAY = "M4.5 2.5v11l9-5.5z";
const PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
const BACK = "M11.5 3v10L5.5 8zM3.5 3H5v10H3.5z";
const FORTH = "M4.5 3v10l6-5zM11 3h1.5v10H11z";
const PLUS = "M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z";
const MINUS = "M3 7.2h10v1.6H3z";
const WHOLE = "M2.5 2.5h4V4H4v2.5H2.5zm7 0h4v4H12V4H9.5zM2.5 9.5H4V12h2.5v1.5h-4zM12 9.5h1.5v4h-4V12H12z";

class MapApp {
  /** @param {HTMLElement | ShadowRoot} root */
  constructor(root) {
    this.element = make("div", { class: "badia" });
    root.append(this.element);
    /** @type {Tell} */
    this.tellPython = () => {};
    /** @type {Run | null} */
    this.run = null;
    this.static = "";
    this.token = "";
    /** @type {number | null} */
    this.picked = null;
    /** @type {{entry: number | undefined, cell: number | null | undefined}} */
    this.told = { entry: undefined, cell: undefined };
    this.timings = { decode: 0, draw: 0 };
    /** @type {Mode} */
    this.mode = "both";
    /** @type {Panel[]} */
    this.panels = [];
    /** @type {Strip[]} */
    this.strips = [];
    this.frame = 0;
    this.settling = 0;
    this.hinting = 0;
    this.resting = 0;
    this.moving = false;
    this.gone = new AbortController();
    this.built = new AbortController();
    this.resized = new ResizeObserver(() => this.layout());
    this.resized.observe(this.element);
    const { signal } = this.gone;
    this.element.addEventListener("keydown", (event) => this.press(event), { signal });
    // Names were measured in whatever font was there; the right one may come later.
    document.fonts.addEventListener("loadingdone", () => this.refont(), { signal });
  }

  destroy() {
    this.gone.abort();
    this.built.abort();
    this.resized.disconnect();
    this.player?.stop();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    clearTimeout(this.hinting);
    clearTimeout(this.resting);
    this.element.remove();
  }

  // --- what Python sends ---

  /**
   * @param {Sent} sent
   * @param {Uint8Array} packed
   */
  async receive(sent, packed) {
    const before = this.sent;
    this.sent = sent;
    this.element.dir = sent.direction;
    this.element.lang = sent.language;
    if (sent.static === this.static) {
      if (this.run && before && sent.height !== before.height) this.layout();
      return this.begin();
    }
    this.static = sent.static;
    if (!this.run) this.wait();
    const began = performance.now();
    try {
      const run = await decode(packed);
      if (this.static !== sent.static || this.gone.signal.aborted) return; // a later one has come
      this.timings.decode = performance.now() - began;
      this.show(run);
      this.timings.draw = performance.now() - began - this.timings.decode;
      this.element.dataset.ready = sent.static;
    } catch (problem) {
      console.error(problem);
      this.static = "";
      const text = new Words(sent.texts, sent.language).say("cannot_show");
      this.element.replaceChildren(make("p", { class: "problem", role: "alert" }, text));
    }
  }

  /** A quiet place holder of the right height, so the page does not jump. */
  wait() {
    const sent = /** @type {Sent} */ (this.sent);
    const text = new Words(sent.texts, sent.language).say("drawing");
    const place = make("div", { class: "waiting", role: "status" }, text);
    place.style.height = `${sent.height}px`;
    this.element.replaceChildren(place);
  }

  /**
   * Show a run, the first or another one.
   *
   * @param {Run} run
   */
  show(run) {
    const before = this.run;
    const date = before && this.player ? before.header.dates[this.player.entry] : null;
    const playing = this.player?.playing ?? false;
    const speed = this.player?.speed;
    this.player?.stop();
    const sameMesh =
      before !== null &&
      before.cells === run.cells &&
      before.header.mesh.width === run.header.mesh.width &&
      before.header.mesh.height === run.header.mesh.height;
    this.run = run;
    this.index = new IndexMap(run);
    const { mesh } = run.header;
    if (!sameMesh || !this.view) this.view = new View(mesh.width, mesh.height, mesh.focus);
    if (!sameMesh) this.picked = null;
    if (run.header.maps.length < 2) this.mode = "a";
    else if (!before || before.header.maps.length < 2) this.mode = "both";
    else if (this.mode === "difference" && !run.header.difference) this.mode = "both";
    this.player = new Player(run.entries, (settled) => this.dayChanged(settled));
    if (speed) this.player.speed = speed;
    if (date !== null) this.player.entry = entryOf(run, date);
    this.build();
    this.begin();
    if (playing) this.player.play();
    else if (before) this.dayChanged(true);
  }

  /** Go where Python wants the map to begin, once for each token. */
  begin() {
    const sent = /** @type {Sent} */ (this.sent);
    const { run, player } = this;
    if (!run || !player) return;
    const { token, entry, cell } = sent.start;
    const first = this.told.entry === undefined;
    if (!first && token === this.token) return;
    this.token = token;
    if (first) this.told = { entry: entry ?? player.entry, cell };
    this.picked = cell !== null && cell < run.cells ? cell : null;
    if (entry !== null) player.go(entry);
    this.tell("cell", this.picked);
    this.later("look");
  }

  // --- building the page ---

  build() {
    const run = /** @type {Run} */ (this.run);
    const sent = /** @type {Sent} */ (this.sent);
    this.built.abort();
    this.built = new AbortController();
    this.words = new Words(sent.texts, sent.language);
    const { words } = this;
    this.tip = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
    this.card = make("div", { class: "card", id: "card", role: "tooltip", hidden: true });
    this.hint = make("div", { class: "hint", hidden: true }, words.say("wheel_hint"));
    this.maps = make("div", { class: "maps" });
    this.stripRow = make("div", { class: "strips" });
    this.legend = new Legend(run, words);
    this.live = make("div", { class: "unseen", "aria-live": "polite" });
    const help = make("div", { class: "unseen", id: "help" }, words.say("map_help"));
    const table = make("div", { class: "unseen" }, this.legend.table);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", words.say("name"));
    this.element.classList.toggle("compact", Boolean(sent.compact));
    const parts = [this.toggle(), this.maps];
    if (!this.still) parts.push(this.playBar(), this.stripRow);
    this.element.replaceChildren(...parts, this.legend.element, help, table, this.live);
    this.fill();
  }

  /** The maps and strips of the mode. */
  fill() {
    const run = /** @type {Run} */ (this.run);
    const { words, player } = this;
    if (!words || !player || !this.maps || !this.stripRow || !this.legend) return;
    this.panels = this.shown().map(
      (shown) => new Panel(run, shown, words, (button, marker) => this.point(button, marker)),
    );
    for (const panel of this.panels) this.handle(panel);
    this.panels[this.panels.length - 1].element.append(this.tools());
    this.maps.replaceChildren(
      ...this.panels.map((panel) => panel.element),
      .../** @type {HTMLElement[]} */ ([this.tip, this.card, this.hint]),
    );
    const stripsOf = this.still ? [] : this.shares();
    this.strips = stripsOf.map(
      (map, i) => new Strip(run, map, words, i === 0, (entry, settled) => player.go(entry, settled)),
    );
    this.stripRow.replaceChildren(...this.strips.map((strip) => strip.element));
    this.legend.explain(this.shares(), this.mode === "difference");
    this.layout();
  }

  /** @returns {Shown[]} */
  shown() {
    if (this.mode === "difference") return ["difference"];
    return this.shares();
  }

  /** @returns {number[]} maps whose shares are told */
  shares() {
    if (this.mode === "a") return [0];
    if (this.mode === "b") return [1];
    return [0, 1];
  }

  /** @returns {HTMLElement} */
  toggle() {
    const run = /** @type {Run} */ (this.run);
    const { words } = this;
    const row = make("div", { class: "toggle" });
    if (run.header.maps.length < 2 || !words) return row;
    row.setAttribute("role", "radiogroup");
    row.setAttribute("aria-label", words.say("which_map"));
    const name = `mode-${Math.random()}`;
    /** @type {Mode[]} */
    const modes = run.header.difference ? ["a", "b", "both", "difference"] : ["a", "b", "both"];
    for (const mode of modes) {
      const radio = make("input", { type: "radio", name, value: mode, checked: mode === this.mode });
      radio.addEventListener("change", () => {
        this.mode = mode;
        this.fill();
        this.dayChanged(true);
      });
      row.append(make("label", {}, radio, make("span", {}, words.say(`mode.${mode}`))));
    }
    return row;
  }

  /** @returns {HTMLElement} */
  tools() {
    const { words, view } = this;
    const row = make("div", { class: "tools" });
    if (!words || !view) return row;
    /** @param {number} factor */
    const zoom = (factor) => this.zoom(view.across / 2, view.down / 2, factor);
    row.append(
      icon(PLUS, words.say("closer"), () => zoom(ZOOM_STEP)),
      icon(MINUS, words.say("farther"), () => zoom(1 / ZOOM_STEP)),
      icon(WHOLE, words.say("whole"), () => this.whole()),
    );
    return row;
  }

  /** @returns {HTMLElement} */
  playBar() {
    const { words, player } = this;
    const row = make("div", { class: "bar" });
    if (!words || !player) return row;
    this.playButton = icon(PLAY, words.say("play"), () => player.toggle());
    this.playButton.classList.add("play");
    const speed = make("select", { "aria-label": words.say("speed") });
    for (const days of SPEEDS) {
      speed.append(make("option", { value: days }, words.say("days_a_second", { days })));
    }
    speed.value = String(player.speed);
    speed.addEventListener("change", () => (player.speed = Number(speed.value)));
    this.date = make("div", { class: "date" });
    this.count = make("div", { class: "count" });
    row.append(
      icon(BACK, words.say("back"), () => player.go(player.entry - 1)),
      this.playButton,
      icon(FORTH, words.say("forth"), () => player.go(player.entry + 1)),
      this.date,
      this.count,
      speed,
    );
    return row;
  }

  // --- drawing ---

  /** Whether there is no time to pass: Python wants it so, or the run is one day. */
  get still() {
    return Boolean(this.sent?.compact) || (this.run?.entries ?? 0) < 2;
  }

  /** Device pixels a CSS pixel; coarse while a hand moves the map, so that it follows at once. */
  get ratio() {
    if (this.moving) return 1;
    return Math.min(MOST_RATIO, Math.max(1, devicePixelRatio || 1));
  }

  get font() {
    return getComputedStyle(this.element).fontFamily || "sans-serif";
  }

  /** Fit everything into the width there is. */
  layout() {
    const { run, view, maps, panels } = this;
    const across = this.element.clientWidth;
    if (!run || !view || !maps || !across) return; // hidden: it will be told again
    const columns = panels.length > 1 && across >= SIDE_BY_SIDE ? 2 : 1;
    const stripColumns = this.strips.length > 1 && across >= SIDE_BY_SIDE ? 2 : 1;
    this.element.style.setProperty("--columns", String(columns));
    this.element.style.setProperty("--strip-columns", String(stripColumns));
    const width = (across - BETWEEN * (columns - 1)) / columns;
    const { width: w, height: h } = run.header.mesh;
    // Where it is narrow the title would hide the map's north.
    const top = width < NARROW ? panels[0].title.offsetHeight + EDGE / 2 : 0;
    const height = Math.min(
      /** @type {Sent} */ (this.sent).height,
      Math.max(LOWEST, Math.round((width * h) / w) + EDGE + top),
    );
    for (const panel of panels) panel.element.style.height = `${height}px`;
    view.resize(width, height, top);
    for (const strip of this.strips) strip.draw(this.ratio, this.font);
    this.look();
  }

  /** Find the cell of each pixel anew and draw everything. */
  look() {
    const { view, index, player } = this;
    if (!view || !index || !player || view.across <= 1) return;
    index.scan(view, this.ratio);
    index.lay(borders(index.run, view, this.ratio, index.width, index.height));
    for (const panel of this.panels) panel.look(view, this.ratio, this.font, this.picked, index);
    this.paint();
  }

  /** Paint the day. */
  paint() {
    const { view, index, player, words, run } = this;
    if (!view || !index || !player || !words || !run) return;
    const { entry } = player;
    for (const panel of this.panels) panel.paint(entry, index, view);
    const date = words.date(run.header.dates[entry]);
    for (const strip of this.strips) strip.show(entry, date);
    this.legend?.show(entry, this.shares());
    if (this.date) this.date.textContent = date;
    if (this.count) {
      this.count.textContent = words.say("day_of", { day: entry, days: run.entries - 1 });
    }
    this.showTip();
  }

  /**
   * Draw with the next frame, once, whatever asked for it how often.
   *
   * @param {"look" | "paint"} what
   */
  later(what) {
    if (what === "look") this.looking = true;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.looking) this.look();
      else this.paint();
      this.looking = false;
    });
  }

  refont() {
    for (const panel of this.panels) panel.overlay.forget();
    this.layout();
  }

  // --- the day ---

  /** @param {boolean} settled */
  dayChanged(settled) {
    const { player, words, run } = this;
    if (!player || !words || !run) return;
    if (player.playing) this.paint();
    else this.later("paint");
    if (this.playButton) {
      const name = words.say(player.playing ? "pause" : "play");
      if (this.playButton.getAttribute("aria-label") !== name) {
        this.playButton.setAttribute("aria-label", name);
        this.playButton.title = name;
        this.playButton.replaceChildren(drawing(player.playing ? PAUSE : PLAY));
      }
    }
    if (!settled) return;
    this.legend?.tell(player.entry, this.shares());
    if (this.live) this.live.textContent = words.date(run.header.dates[player.entry]);
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => this.tell("entry", player.entry), SETTLE);
  }

  /**
   * Tell Python what changed, unless it knows.
   *
   * @param {"entry" | "cell"} name
   * @param {number | null} value
   */
  tell(name, value) {
    if (this.told[name] === value) return;
    Object.assign(this.told, { [name]: value });
    this.tellPython(name, value);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { player, view, run } = this;
    const [target] = event.composedPath();
    const asked = wish(event);
    if (!asked || !player || !view || !run || keepsKey(target, event.key)) return;
    if (this.still && ["toggle", "step", "first", "last"].includes(asked.do)) return;
    event.preventDefault();
    if (asked.do === "toggle") player.toggle();
    else if (asked.do === "step") player.go(player.entry + asked.days);
    else if (asked.do === "first") player.go(0);
    else if (asked.do === "last") player.go(run.entries - 1);
    else if (asked.do === "closer") this.zoom(view.across / 2, view.down / 2, ZOOM_STEP);
    else if (asked.do === "farther") this.zoom(view.across / 2, view.down / 2, 1 / ZOOM_STEP);
    else if (asked.do === "whole") this.whole();
    else this.leave();
  }

  /** Escape: close the card first, then let go of the picked cell. */
  leave() {
    if (this.card && !this.card.hidden) this.card.hidden = true;
    else this.pick(null);
  }

  // --- hands ---

  /** @param {Panel} panel */
  handle(panel) {
    listen(
      panel.stage,
      {
        click: (x, y) => {
          const cell = this.index?.pick(x, y) ?? null;
          this.pick(cell === this.picked ? null : cell);
        },
        hover: (x, y) => {
          this.hovered = { panel, x, y };
          this.showTip();
        },
        leave: () => {
          this.hovered = undefined;
          this.showTip();
        },
        drag: (dx, dy) => {
          this.view?.pan(dx, dy);
          this.moved();
        },
        zoom: (x, y, factor) => this.zoom(x, y, factor),
        mayWheel: () => panel.stage.matches(":focus"),
        wheelMissed: () => this.showHint(panel),
      },
      this.built.signal,
    );
  }

  /** @param {number} x @param {number} y @param {number} factor */
  zoom(x, y, factor) {
    this.view?.zoomAt(x, y, factor);
    this.moved();
  }

  /** The view is another one: draw it at once, and finely when the hand rests. */
  moved() {
    this.later("look");
    this.moving = false;
    if (this.ratio === 1) return;
    clearTimeout(this.resting);
    this.moving = true;
    this.resting = window.setTimeout(() => {
      this.moving = false;
      this.later("look");
    }, REST);
  }

  whole() {
    this.view?.reset();
    this.later("look");
  }

  /** @param {number | null} cell */
  pick(cell) {
    this.picked = cell;
    for (const panel of this.panels) panel.pick(cell);
    this.tell("cell", cell);
  }

  /** What lies under the pointer, in words. */
  showTip() {
    const { tip, hovered, index, player, words, run } = this;
    if (!tip || !index || !player || !words || !run) return;
    const cell = hovered ? index.pick(hovered.x, hovered.y) : null;
    tip.hidden = cell === null;
    if (!hovered || cell === null) return;
    const lines = hovered.panel.tell(cell, player.entry).map(({ faction, text }) => {
      const swatch = make("i", { class: "swatch" });
      swatch.style.background = run.header.factions[faction].colour;
      return make("p", {}, swatch, text);
    });
    if (run.areas) {
      const area = words.rough.format(run.areas[cell]);
      lines.push(make("p", { class: "area" }, words.say("area", { area })));
    }
    tip.replaceChildren(make("p", { class: "what" }, run.header.words[cell]), ...lines);
    const { offsetLeft, offsetTop } = hovered.panel.element;
    this.put(tip, offsetLeft + hovered.x, offsetTop + hovered.y, 16);
  }

  /**
   * @param {HTMLElement} button
   * @param {Marker | null} marker
   */
  point(button, marker) {
    const box = this.card;
    const { words, run, maps } = this;
    if (!box || !words || !run || !maps) return;
    box.hidden = marker === null;
    if (!marker) return;
    box.replaceChildren(...card(marker, run.header.factions, words));
    const from = maps.getBoundingClientRect();
    const at = button.getBoundingClientRect();
    this.put(box, at.left - from.left + at.width / 2, at.top - from.top + at.height / 2, 18);
  }

  /**
   * Put a note beside a spot, inside the maps.
   *
   * @param {HTMLElement} note
   * @param {number} x
   * @param {number} y
   * @param {number} away
   */
  put(note, x, y, away) {
    const { offsetWidth: across, offsetHeight: down } = note;
    const room = /** @type {HTMLElement} */ (this.maps);
    const left = x + away + across <= room.clientWidth ? x + away : x - away - across;
    const top = y + away + down <= room.clientHeight ? y + away : y - away - down;
    const held = Math.max(0, Math.min(left, room.clientWidth - across));
    note.style.transform = `translate(${held}px, ${Math.max(0, top)}px)`;
  }

  /** @param {Panel} panel */
  showHint(panel) {
    const { hint } = this;
    if (!hint) return;
    panel.element.append(hint);
    hint.hidden = false;
    clearTimeout(this.hinting);
    this.hinting = window.setTimeout(() => (hint.hidden = true), HINT);
  }

  /** For tests and measurements, on the element and nowhere else. */
  probe() {
    const app = this;
    return {
      get entry() {
        return app.player?.entry ?? null;
      },
      get playing() {
        return app.player?.playing ?? false;
      },
      get picked() {
        return app.picked;
      },
      get fps() {
        return app.player?.fps ?? 0;
      },
      get view() {
        const { zoom, middleX, middleY, across, down, scale } = /** @type {View} */ (app.view);
        return { zoom, middleX, middleY, across, down, scale };
      },
      get names() {
        return app.panels.map((panel) => panel.overlay.shown);
      },
      get differing() {
        return app.panels[0].differing(app.player?.entry ?? 0);
      },
      get timings() {
        return app.timings;
      },
      /** @param {number} cell @returns {[number, number]} a spot that shows it, CSS pixels */
      spot(cell) {
        const { index } = /** @type {{index: IndexMap}} */ (app);
        const at = index.index.indexOf(cell);
        const { width, ratio } = index;
        return [((at % width) + 0.5) / ratio, (Math.floor(at / width) + 0.5) / ratio];
      },
      play: () => app.player?.play(),
      pause: () => app.player?.pause(),
      /** @param {number} entry */
      go: (entry) => app.player?.go(entry),
      /** @param {number} speed */
      speed: (speed) => app.player && (app.player.speed = speed),
    };
  }
}

/**
 * A button with a drawing.
 *
 * @param {string} path
 * @param {string} name
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
function icon(path, name, act) {
  const button = make("button", { type: "button", "aria-label": name, title: name }, drawing(path));
  button.addEventListener("click", act);
  return button;
}

/** @type {WeakMap<HTMLElement | ShadowRoot, MapApp>} */
const APPS = new WeakMap();

/**
 * What Streamlit calls when the component comes and at each rerun; it calls what this returns when
 * the component goes.
 *
 * @param {{parentElement: HTMLElement | ShadowRoot, data: Uint8Array, setStateValue: Tell}} component
 * @returns {() => void}
 */
export default function badiaMap({ parentElement, data, setStateValue }) {
  let app = APPS.get(parentElement);
  if (!app) {
    app = new MapApp(parentElement);
    APPS.set(parentElement, app);
    Object.assign(app.element, { badiaMap: app.probe() });
  }
  app.tellPython = setStateValue;
  const { sent, packed } = split(data);
  app.receive(sent, packed);
  return () => {
    APPS.get(parentElement)?.destroy();
    APPS.delete(parentElement);
  };
}
