/** Keys: what each does, wherever in the map the focus is. */

const WEEK = 7;

/**
 * What a key asks for, or null. Pure, so that it can be tested without a page.
 *
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event
 * @returns {{do: "toggle" | "first" | "last" | "closer" | "farther" | "whole" | "leave"} |
 *   {do: "step", days: number} | null}
 */
export function wish(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const days = event.shiftKey ? WEEK : 1;
  switch (event.key) {
    case " ":
      return { do: "toggle" };
    case "ArrowLeft":
    case "ArrowDown":
      return { do: "step", days: -days };
    case "ArrowRight":
    case "ArrowUp":
      return { do: "step", days };
    case "Home":
      return { do: "first" };
    case "End":
      return { do: "last" };
    case "+":
    case "=":
      return { do: "closer" };
    case "-":
    case "_":
      return { do: "farther" };
    case "0":
      return { do: "whole" };
    case "Escape":
      return { do: "leave" };
    default:
      return null;
  }
}

/**
 * Whether the element that has the focus needs the key itself.
 *
 * @param {EventTarget | null} target
 * @param {string} key
 * @returns {boolean}
 */
export function keepsKey(target, key) {
  if (target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLButtonElement) return key === " " || key === "Enter";
  if (target instanceof HTMLInputElement) {
    return target.type === "radio" && (key === " " || key.startsWith("Arrow"));
  }
  return false;
}
