/** Where names go: the more important first, none over another. */

/** @typedef {{name: string, x: number, y: number, rank: number, width: number,
 *   size: number}} Candidate  spot, width and height of the text in CSS pixels */
/** @typedef {{name: string, rank: number, x: number, y: number, left: number,
 *   middle: number}} Label  spot of the place, and where its text begins and is centred */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

const DOT = 3.5; // half of the square that a place's dot keeps free
const GAP = 5; // from the dot to its text
const AIR = 3; // kept free around a text

/** @param {Box} one @param {Box} two @returns {boolean} */
export function overlap(one, two) {
  return (
    one.left < two.right && one.right > two.left && one.top < two.bottom && one.bottom > two.top
  );
}

/**
 * Place names to the right of their dot, else to the left, above or below, else not at all.
 *
 * @param {Candidate[]} candidates the most important first
 * @param {Box} frame     nothing leaves it
 * @param {Box[]} taken   nothing covers these
 * @param {number} most   how many names at most
 * @returns {Label[]}
 */
export function placeLabels(candidates, frame, taken, most) {
  const boxes = [...taken];
  /** @type {Label[]} */
  const labels = [];
  for (const { name, x, y, rank, width, size } of candidates) {
    if (labels.length >= most) break;
    const dot = { left: x - DOT, top: y - DOT, right: x + DOT, bottom: y + DOT };
    if (boxes.some((box) => overlap(box, dot))) continue;
    const lift = size / 2 + GAP;
    const spots = [
      [x + GAP, y],
      [x - GAP - width, y],
      [x - width / 2, y - lift],
      [x - width / 2, y + lift],
    ];
    for (const [left, middle] of spots) {
      const box = {
        left: left - AIR,
        top: middle - size / 2 - 1,
        right: left + width + AIR,
        bottom: middle + size / 2 + 1,
      };
      const inside =
        box.left >= frame.left &&
        box.right <= frame.right &&
        box.top >= frame.top &&
        box.bottom <= frame.bottom;
      if (!inside || boxes.some((other) => overlap(other, box))) continue;
      boxes.push(box, dot);
      labels.push({ name, rank, x, y, left, middle });
      break;
    }
  }
  return labels;
}
