// @ts-check
/** Checkpoints: origin, size and root of a log, as the text of a signed note (C2SP tlog-checkpoint). */

import { need, shown, unbase64 } from "./bytes.js";

/** @import { Bytes } from "./bytes.js" */

/** Larger trees than this are not read here: sizes then fit the bit operators. */
const LARGEST = 2 ** 31 - 1;

/**
 * @typedef {object} Checkpoint
 * @property {string} origin
 * @property {number} size
 * @property {Bytes} root
 */

/**
 * Read a checkpoint's text; extension lines are refused.
 * @param {string} text
 * @returns {Checkpoint}
 */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  need(
    lines.length === 4 && lines[3] === "" && lines[0] !== "",
    `expected origin, size and root on three lines, got ${lines.length - 1}`,
  );
  need(/^(?:0|[1-9][0-9]{0,18})$/.test(lines[1]), `expected a tree size, got ${shown(lines[1])}`);
  const size = Number(lines[1]);
  need(size <= LARGEST, `expected a tree size up to ${LARGEST}, got ${lines[1]}`);
  const root = unbase64(lines[2]);
  need(root.length === 32, `expected a root hash of 32 bytes, got ${root.length}`);
  return { origin: lines[0], size, root };
}
