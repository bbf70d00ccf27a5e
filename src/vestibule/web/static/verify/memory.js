// @ts-check
/** The checkpoint this browser saw last, of each log: kept with the page's origin, by the log's key. */

const PREFIX = "vestibule.seen.";

/** @returns {Record<string, string>} the signed note by log key */
export function seenNotes() {
  /** @type {Record<string, string>} */
  const seen = {};
  for (const name of names()) seen[name.slice(PREFIX.length)] = localStorage.getItem(name) ?? "";
  return seen;
}

/**
 * Remember a checkpoint that was found to continue the one before; never call this with any other.
 * @param {string} vkey
 * @param {string} note
 * @returns {boolean} whether the browser keeps it
 */
export function remember(vkey, note) {
  try {
    localStorage.setItem(PREFIX + vkey, note);
    return true;
  } catch {
    return false;
  }
}

function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // storage is turned off
  }
}
