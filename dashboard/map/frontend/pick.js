/** Hands on the map: click, drag, wheel and two fingers. */

const STILL = 5; // CSS pixels a click may wander
const DOUBLE = 2;
const WHEEL = 0.0016; // of the natural logarithm of the zoom, a pixel of wheel

/**
 * @typedef {object} Hand
 * @property {(x: number, y: number) => void} click
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} leave
 * @property {(dx: number, dy: number) => void} drag
 * @property {(x: number, y: number, factor: number) => void} zoom
 * @property {() => boolean} mayWheel whether the wheel is for the map and not for the page
 * @property {() => void} wheelMissed
 */

/**
 * Listen on a map; positions are CSS pixels inside it.
 *
 * @param {HTMLElement} element
 * @param {Hand} hand
 * @param {AbortSignal} signal ends it
 */
export function listen(element, hand, signal) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  let wandered = 0;

  /** @param {MouseEvent} event @returns {[number, number]} */
  const spot = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /** Middle of the fingers and how far they are apart. */
  const grip = () => {
    const [a, b] = [...down.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const [x, y] = spot(event);
      if (!down.size) wandered = 0;
      down.set(event.pointerId, { x, y });
      element.setPointerCapture(event.pointerId);
      hand.leave();
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const [x, y] = spot(event);
      const before = down.get(event.pointerId);
      if (!before) {
        if (event.pointerType === "mouse") hand.hover(x, y);
        return;
      }
      const old = down.size === DOUBLE ? grip() : null;
      down.set(event.pointerId, { x, y });
      wandered += Math.hypot(x - before.x, y - before.y);
      if (old) {
        const now = grip();
        wandered = Infinity;
        hand.drag(now.x - old.x, now.y - old.y);
        if (old.apart > 0) hand.zoom(now.x, now.y, now.apart / old.apart);
      } else if (down.size === 1 && wandered > STILL) {
        hand.drag(x - before.x, y - before.y);
      }
    },
    { signal },
  );
  element.addEventListener(
    "pointerup",
    (event) => {
      if (!down.delete(event.pointerId) || down.size) return;
      if (wandered <= STILL) hand.click(...spot(event));
    },
    { signal },
  );
  element.addEventListener("pointercancel", (event) => down.delete(event.pointerId), { signal });
  element.addEventListener("pointerleave", () => hand.leave(), { signal });
  element.addEventListener(
    "dblclick",
    (event) => hand.zoom(...spot(event), event.shiftKey ? 1 / DOUBLE : DOUBLE),
    { signal },
  );
  element.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !hand.mayWheel()) return hand.wheelMissed();
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      // A pinch on a touchpad comes as a wheel with ctrl and small steps.
      const speed = event.ctrlKey ? 4 * WHEEL : WHEEL;
      const step = Math.max(-0.5, Math.min(0.5, -event.deltaY * lines * speed));
      hand.zoom(...spot(event), Math.exp(step));
    },
    { signal, passive: false },
  );
}
