// @ts-check
/** A person's whole history with every partner on the register, and with the operator's staff, in both lanes. */

import { Refusal, at, need } from "./bytes.js";
import { unfounded } from "./grants.js";
import { checkLane } from "./lane.js";
import { OPERATOR } from "./register.js";
import { LANES, personId } from "./tags.js";

/** @import { Found, Log } from "./lane.js" */
/** @import { PersonFile } from "./person.js" */
/** @import { Curve } from "./vrf.js" */

/** Kinds by which something of hers reached the partner. */
const RELEASES = ["access", "exposure", "notify"];

/**
 * @typedef {object} PartnerHistory
 * @property {string} partner
 * @property {string} name
 * @property {string} knownAs the id under which the partner knows her; empty if it was not found out
 * @property {{index: number, kind: string, op: string, day: number, n: number, opened: boolean, signed: boolean, staff: string}[]} events
 * @property {number} releases
 * @property {string[]} problems what speaks against the log or the file
 */

/**
 * @param {Curve} curve
 * @param {Log} log
 * @param {PersonFile} person
 * @param {(done: number, total: number) => void} progress
 * @returns {Promise<PartnerHistory[]>}
 */
export async function readHistory(curve, log, person, progress) {
  need(person.origin === log.origin, `origin: expected a file of the log ${log.origin}, got one of ${person.origin}`);
  const histories = [];
  const everybody = partnersAndStaff(log, person);
  for (const { partner, name } of everybody) {
    histories.push(await withPartner(curve, log, person, partner, name));
    progress(histories.length, everybody.length);
  }
  return histories;
}

/**
 * The staff's tool is on no register. A file without it will do for a log that it is not in either.
 * @param {Log} log
 * @param {PersonFile} person
 * @returns {{partner: string, name: string}[]}
 */
function partnersAndStaff(log, person) {
  const partners = [...log.replay.register.partners.values()];
  const staff = person.partners.has(OPERATOR) || log.replay.eventsOf(OPERATOR) > 0;
  return staff ? [...partners, { partner: OPERATOR, name: "the operator's staff" }] : partners;
}

/**
 * @param {Curve} curve
 * @param {Log} log
 * @param {PersonFile} person
 * @param {string} partner
 * @param {string} name
 * @returns {Promise<PartnerHistory>}
 */
async function withPartner(curve, log, person, partner, name) {
  /** @type {PartnerHistory} */
  const history = { partner, name, knownAs: "", events: [], releases: 0, problems: [] };
  if (!person.partners.has(partner)) {
    history.problems.push("your file says nothing about this partner: download a newer one");
    return history;
  }
  for (const lane of LANES) {
    try {
      const { key, found } = await checkLane(curve, log, person, partner, lane);
      if (lane === "shared" && partner !== OPERATOR) history.knownAs = personId(key);
      history.events.push(...found.map(shownEvent));
      history.problems.push(...unfounded(found));
    } catch (error) {
      const placed = at(`lane ${lane}`, error);
      if (!(placed instanceof Refusal)) throw placed;
      history.problems.push(placed.message);
    }
  }
  history.events.sort((one, other) => one.index - other.index);
  history.releases = history.events.filter(({ kind }) => RELEASES.includes(kind)).length;
  return history;
}

/** @param {Found} found */
function shownEvent({ index, event: { kind, op, day, n, basis }, hidden, signed }) {
  const staff = basis === OPERATOR && hidden ? `${hidden.conversation}, for this reason: ${hidden.why}` : "";
  return { index, kind, op, day, n: hidden?.n ?? n, opened: hidden !== null, signed, staff };
}
