// @ts-check
/** Merkle tree hashes and inclusion (RFC 6962, section 2.1; RFC 9162, section 2.1.3.2). */

import { equal, need } from "./bytes.js";
import { sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */

/** Gives the hash of the complete subtree of `2 ** level` leaves from `index << level`.
 * @typedef {(level: number, index: number) => Promise<Bytes>} ReadNode */

/** What a node's hash is over: 0x01, left, right. */
const NODE = new Uint8Array(65).fill(1, 0, 1);

/** @param {Uint8Array} entry */
export function leafHash(entry) {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
export function nodeHash(left, right) {
  NODE.set(left, 1);
  NODE.set(right, 33);
  return sha256(NODE);
}

/** A tree that only grows: the roots of its complete subtrees, the largest first. */
export class Frontier {
  size = 0;
  /** @type {Bytes[]} */
  #peaks = [];

  /** @param {Bytes} leaf its hash */
  append(leaf) {
    let joined = leaf;
    for (let rest = this.size++; rest & 1; rest >>= 1) {
      joined = nodeHash(/** @type {Bytes} */ (this.#peaks.pop()), joined);
    }
    this.#peaks.push(joined);
  }

  /** @returns {Bytes} */
  root() {
    return this.size === 0 ? sha256(new Uint8Array()) : this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/**
 * The root over the first `size` leaves, from the complete subtrees they are made of.
 * @param {number} size
 * @param {ReadNode} read
 * @returns {Promise<Bytes>}
 */
export async function rootOf(size, read) {
  /** @type {Bytes | null} */
  let computed = null;
  for (let level = 0; size >> level > 0; level++) {
    if (!((size >> level) & 1)) continue;
    const left = await read(level, (size >> level) - 1);
    computed = computed === null ? left : nodeHash(left, computed);
  }
  return computed ?? sha256(new Uint8Array());
}

/**
 * Check that a leaf is in a tree; refuses if the proof does not lead to the root.
 * @param {{leaf: Bytes, index: number, size: number, proof: Bytes[], root: Bytes}} claim
 */
export function needIncluded({ leaf, index, size, proof, root }) {
  need(index >= 0 && index < size, `expected an index below ${size}, got ${index}`);
  let node = index;
  let last = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    need(last > 0, `inclusion proof is too long: got ${proof.length} hashes`);
    if (node & 1 || node === last) {
      computed = nodeHash(sibling, computed);
      for (; !(node & 1) && node > 0; node >>= 1) last >>= 1;
    } else {
      computed = nodeHash(computed, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  need(last === 0, `inclusion proof is too short: got ${proof.length} hashes`);
  need(equal(computed, root), `the inclusion proof of entry ${index} leads to another root`);
}
