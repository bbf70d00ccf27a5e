// @ts-check
/** The private half of an event: it opens the leaf's commitment, and says the same as the leaf (docs/log.md, section 5). */

import { base64, concat, need, shown, utf8 } from "./bytes.js";
import { decode } from "./canonical.js";
import { Reader } from "./fields.js";
import { parseRequest } from "./request.js";
import { hmacSha256 } from "./sha256.js";
import { LANES, personId, tagOf } from "./tags.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Fields } from "./canonical.js" */
/** @import { Event } from "./leaf.js" */
/** @import { SignedRequest } from "./request.js" */

/**
 * @typedef {object} Private
 * @property {string} person the id that the lane's key gives
 * @property {string} lane
 * @property {number} counter the event's number in that lane
 * @property {string} partner
 * @property {string} kind
 * @property {string} op
 * @property {number} at when it was decided, microseconds since 1970
 * @property {number} grant index of the grant leaf it rests on, -1 if none
 * @property {number} n the true number of items
 * @property {string} conversation which one, empty if none
 * @property {string} why the staff's reason for opening it, empty for everything else
 * @property {SignedRequest | null} request what the partner signed, where it asked
 */

const KEY = utf8("ledger/commit/v1");
const NO_GRANT = -1;

/**
 * Open a leaf's commitment and read what it covers.
 * @param {Event} event
 * @param {Bytes} r 32 random bytes
 * @param {Bytes} text the private half
 * @returns {Private}
 */
export function open(event, r, text) {
  need(r.length === 32, `expected 32 random bytes, got ${r.length}`);
  need(
    base64(hmacSha256(KEY, concat(r, text))) === event.commitment,
    "expected an opening of the leaf's commitment, got another",
  );
  return parsePrivate(decode(text));
}

/**
 * Check that a private half says the same as its public leaf, and belongs to this lane.
 * @param {Private} hidden
 * @param {Event} event
 * @param {Bytes} laneKey
 */
export function needAgreement(hidden, event, laneKey) {
  const count = hidden.kind === "exposure" ? 1 : hidden.n;
  for (const [what, here, there] of [
    ["partner", hidden.partner, event.partner],
    ["kind", hidden.kind, event.kind],
    ["operation", hidden.op, event.op],
    ["number of items", count, event.n],
    ["person", hidden.person, personId(laneKey)],
    ["tag", tagOf(laneKey, hidden.counter), event.tag],
  ]) {
    need(here === there, `expected the ${what} ${there} of leaf and lane, got ${here}`);
  }
}

/**
 * @param {Fields} fields
 * @returns {Private}
 */
function parsePrivate(fields) {
  const reader = new Reader(fields);
  const version = reader.integer("v");
  need(version === 1, `expected version 1, got ${version}`);
  const person = reader.string("person");
  need(/^[A-Z2-7]{32}$/.test(person), `expected a person's id, got ${shown(person)}`);
  const lane = reader.string("lane");
  need(LANES.some((one) => one === lane), `expected the lane shared or own, got ${shown(lane)}`);
  const what = { partner: reader.name("partner"), kind: reader.name("kind"), op: reader.name("op") };
  const when = { counter: reader.count("counter"), at: reader.count("at"), grant: reader.integer("grant") };
  need(when.grant >= NO_GRANT, `expected the index of a grant, got ${when.grant}`);
  const n = reader.count("n");
  const conversation = reader.string("conversation");
  need(reader.strings("messages").every((one) => /^[0-9a-f]{64}$/.test(one)), "expected the hex sha-256 of each message");
  const extra = new Map(Object.entries(reader.object("extra")));
  need([...extra.values()].every((one) => typeof one === "string"), "expected text in extra");
  const request = reader.has("request") ? readRequest(reader.object("request")) : null;
  reader.done();
  return { person, lane, ...what, ...when, n, conversation, why: String(extra.get("why") ?? ""), request };
}

/** @param {Fields} fields */
function readRequest(fields) {
  const reader = new Reader(fields);
  const request = parseRequest(reader.string("base"), reader.bytes("signature", 64), reader.string("key_id"));
  reader.done();
  return request;
}
