// @ts-check
/** One person's lane with one partner, checked against the replayed log: every event of it, and that there is no other. */

import { at, need } from "./bytes.js";
import { isEvent, parseLeaf } from "./leaf.js";
import { needAgreement, open } from "./opening.js";
import { isPartnersOwn } from "./request.js";
import { alpha, tagOf } from "./tags.js";
import { verifyVrf } from "./vrf.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Event } from "./leaf.js" */
/** @import { Private } from "./opening.js" */
/** @import { Lane, Opening, PersonFile } from "./person.js" */
/** @import { Replay } from "./replay.js" */
/** @import { Curve } from "./vrf.js" */

/** The whole log, replayed.
 * @typedef {{origin: string, vrf: Bytes, entries: Bytes[], replay: Replay}} Log */
/** @typedef {{index: number, event: Event, hidden: Private | null, signed: boolean}} Found a null for one the file does not open */
/** @typedef {{key: Bytes, found: Found[]}} CheckedLane */

/**
 * Check proof, openings and counters, and look for the lane's further tags up to the number of the partner's events,
 * so that a skipped counter shows.
 * @param {Curve} curve
 * @param {Log} log
 * @param {PersonFile} person
 * @param {string} partner
 * @param {"shared" | "own"} name
 * @returns {Promise<CheckedLane>}
 */
export async function checkLane(curve, log, person, partner, name) {
  const held = /** @type {Record<string, Lane>} */ (person.partners.get(partner))[name];
  const key = await laneKey(curve, log, person, partner, name, held.proof);
  const found = [];
  for (const opening of held.openings) {
    try {
      found.push(await checkOpening(log, key, partner, name, opening));
    } catch (error) {
      throw at(`opening of leaf ${opening.index}`, error);
    }
  }
  found.sort((one, other) => one.hidden.counter - other.hidden.counter);
  found.forEach(({ index, hidden }, counter) => {
    need(hidden.counter === counter, `opening of leaf ${index}: expected counter ${counter}, got ${hidden.counter}`);
  });
  return { key, found: [...found, ...unopened(log, key, partner, found.length)] };
}

/**
 * @param {Curve} curve
 * @param {Log} log
 * @param {PersonFile} person
 * @param {string} partner
 * @param {string} name
 * @param {Bytes} proof
 */
async function laneKey(curve, log, person, partner, name, proof) {
  try {
    const output = await verifyVrf(curve, log.vrf, alpha(log.origin, partner, name, person.subject), proof);
    return output.slice(0, 32);
  } catch (error) {
    throw at("the proof does not hold under the log's VRF key", error);
  }
}

/**
 * @param {Log} log
 * @param {Bytes} key
 * @param {string} partner
 * @param {string} name
 * @param {Opening} opening
 */
async function checkOpening(log, key, partner, name, { index, r, text }) {
  need(index < log.entries.length, `expected a leaf below the checkpoint's size ${log.entries.length}; an older log?`);
  const event = parseLeaf(log.entries[index]);
  need(isEvent(event), `expected an event, got a ${event.kind} leaf`);
  const hidden = open(event, r, text);
  needAgreement(hidden, event, key);
  need(event.partner === partner, `expected an event of ${partner}, got one of ${event.partner}`);
  need(hidden.lane === name, `expected lane ${name}, got ${hidden.lane}`);
  const { request } = hidden;
  const signed = request !== null && (await isPartnersOwn(request, log.replay.register, event.partner, index, event.day));
  need(request === null || signed, `expected a request signed by ${event.partner}, got another`);
  return { index, event, hidden, signed };
}

/**
 * @param {Log} log
 * @param {Bytes} key
 * @param {string} partner
 * @param {number} first the first counter that no opening has
 * @returns {Found[]}
 */
function unopened(log, key, partner, first) {
  /** @type {Found[]} */
  const found = [];
  for (let counter = first; counter <= log.replay.eventsOf(partner); counter++) {
    const index = log.replay.commitments.find(tagOf(key, counter));
    if (index === undefined) continue;
    const expected = first + found.length;
    need(
      counter === expected,
      `tag ${counter} is that of leaf ${index}, but tag ${expected} is in no leaf: the log skips a counter, which hides an event`,
    );
    const event = parseLeaf(log.entries[index]);
    need(isEvent(event) && event.partner === partner, `tag ${counter} stands at leaf ${index}, which is none of ${partner}'s`);
    found.push({ index, event, hidden: null, signed: false });
  }
  return found;
}
