/**
 * Which part of the map is seen: from mesh units to CSS pixels and back.
 *
 * Linked maps share one view, so it knows one size.  The place in the middle and the zoom are kept
 * in mesh units, so a change of size keeps what is looked at.
 */

export const MAX_ZOOM = 48;
const MARGIN = 14; // CSS pixels left free around the whole map
const AROUND = 0.15; // of a box that is shown, left free on each side of it

export class View {
  /**
   * @param {number} width  of the mesh, in its units
   * @param {number} height
   * @param {number[] | null} focus left, top, right, bottom of what is shown at first, if not all
   */
  constructor(width, height, focus = null) {
    this.width = width;
    this.height = height;
    this.zoom = 1;
    this.middleX = width / 2;
    this.middleY = height / 2;
    this.across = 1; // CSS pixels
    this.down = 1;
    this.top = 0; // CSS pixels kept free above the whole map
    this.fit = 1; // CSS pixels a mesh unit at zoom 1
    this.focus = focus; // until it has been shown, which needs a size
  }

  /** CSS pixels a mesh unit. */
  get scale() {
    return this.fit * this.zoom;
  }

  /**
   * Take a new size in CSS pixels.
   *
   * @param {number} across
   * @param {number} down
   * @param {number} top kept free above the whole map
   */
  resize(across, down, top) {
    this.across = across;
    this.down = down;
    this.top = top;
    this.fit = Math.min(
      Math.max(1, across - 2 * MARGIN) / this.width,
      Math.max(1, down - top - 2 * MARGIN) / this.height,
    );
    this.keepInside();
    if (this.focus && across > 2 * MARGIN) {
      this.show(this.focus);
      this.focus = null;
    }
  }

  /**
   * Show a box and a little around it.
   *
   * @param {number[]} box left, top, right, bottom in mesh units
   */
  show([left, top, right, bottom]) {
    const room = 1 + 2 * AROUND;
    const zoom = Math.min(
      this.across / (room * Math.max(1, right - left)),
      (this.down - this.top) / (room * Math.max(1, bottom - top)),
    );
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, zoom / this.fit));
    this.middleX = (left + right) / 2;
    this.middleY = (top + bottom) / 2;
    this.keepInside();
  }

  /** Where the middle of the free part is, CSS pixels from the top. */
  get centre() {
    return (this.down + this.top) / 2;
  }

  /** @param {number} x mesh units @returns {number} CSS pixels */
  toX(x) {
    return (x - this.middleX) * this.scale + this.across / 2;
  }

  /** @param {number} y mesh units @returns {number} CSS pixels */
  toY(y) {
    return (y - this.middleY) * this.scale + this.centre;
  }

  /**
   * Zoom so that what lies under a pixel stays there.
   *
   * @param {number} px CSS pixels
   * @param {number} py
   * @param {number} factor above 1 to come closer
   */
  zoomAt(px, py, factor) {
    const x = this.middleX + (px - this.across / 2) / this.scale;
    const y = this.middleY + (py - this.centre) / this.scale;
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    this.middleX = x - (px - this.across / 2) / this.scale;
    this.middleY = y - (py - this.centre) / this.scale;
    this.keepInside();
  }

  /**
   * Move the map by CSS pixels.
   *
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.middleX -= dx / this.scale;
    this.middleY -= dy / this.scale;
    this.keepInside();
  }

  /** Show the whole map. */
  reset() {
    this.zoom = 1;
    this.keepInside();
  }

  /**
   * Keep the middle of the view on the map, and nearer to the map's own middle the less it is
   * zoomed: just as far away as zooming at a spot of the whole map can lead.
   */
  keepInside() {
    /** @param {number} middle @param {number} size @param {number} room CSS pixels */
    const held = (middle, size, room) => {
      const reach = Math.min(size / 2, (room / 2 / this.fit) * (1 - 1 / this.zoom));
      return Math.min(size / 2 + reach, Math.max(size / 2 - reach, middle));
    };
    this.middleX = held(this.middleX, this.width, this.across);
    this.middleY = held(this.middleY, this.height, this.down - this.top);
  }
}

/**
 * The longest round length that fits, for the scale bar.
 *
 * @param {number} metresPerPixel
 * @param {number} longest CSS pixels
 * @returns {{metres: number, pixels: number}}
 */
export function scaleBar(metresPerPixel, longest) {
  const most = metresPerPixel * longest;
  const ten = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((n) => n * ten).find((n) => n <= most) ?? ten;
  return { metres, pixels: metres / metresPerPixel };
}
