// @ts-check
/** Whether each event of a lane stands on a grant of its person: only she and the partner can check that. */

import { DIALOG } from "./counting.js";

/** @import { Found } from "./lane.js" */

/** Not `exposure`: its grant is somebody else's. */
const STANDS_ON_A_GRANT = ["access", "send", "delete"];

/**
 * @param {Found[]} found
 * @returns {string[]} a line for each event that stands on no grant of hers in force at its leaf
 */
export function unfounded(found) {
  const opened = found.flatMap(({ index, event, hidden }) => (hidden ? [{ index, event, grant: hidden.grant }] : []));
  return opened
    .filter(({ event }) => STANDS_ON_A_GRANT.includes(event.kind) && event.basis === "grant" && event.op !== DIALOG)
    .filter(({ index, event, grant }) => {
      const about = opened.filter((one) => one.event.op === event.op && one.index < index);
      const began = about.some((one) => one.event.kind === "grant" && one.index === grant);
      return !began || about.some((one) => one.event.kind === "end" && one.grant === grant);
    })
    .map(({ index, event, grant }) => `leaf ${index}: ${event.kind} ${event.op} names leaf ${grant} as its grant, which is none of yours in force there`);
}
