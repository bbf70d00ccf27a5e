// @ts-check
/** Tags: how a person finds all her events with a partner, and nobody else can tell which are hers. */

import { base64, concat, u64, utf8 } from "./bytes.js";
import { hmacSha256, sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */

/** Both lanes: events whose opening the partner gets too, and those that are the person's alone. */
export const LANES = /** @type {const} */ (["shared", "own"]);
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const TAG = utf8("ledger/tag/v1\0");
const PERSON = utf8("ledger/pid/v1\0");

/**
 * The VRF input of one person's lane with one partner in one log.
 * @param {string} origin
 * @param {string} partner
 * @param {string} lane
 * @param {string} subject hex
 */
export function alpha(origin, partner, lane, subject) {
  return utf8(`ledger/pair/v1\n${origin}\n${partner}\n${lane}\n${subject}`);
}

/**
 * @param {Bytes} laneKey the first half of the VRF output
 * @param {number} counter from 0 on
 * @returns {string} base64, as it stands in a leaf
 */
export function tagOf(laneKey, counter) {
  return base64(hmacSha256(laneKey, concat(TAG, u64(counter))));
}

/**
 * A person's id in one lane; that of the shared lane is the one the partner knows her by.
 * @param {Bytes} laneKey
 */
export function personId(laneKey) {
  let bits = "";
  for (const byte of sha256(concat(PERSON, laneKey)).subarray(0, 20)) bits += byte.toString(2).padStart(8, "0");
  return bits.replace(/.{5}/g, (five) => BASE32[parseInt(five, 2)]);
}
