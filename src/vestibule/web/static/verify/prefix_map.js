// @ts-check
/**
 * The prefix map (docs/log.md, section 4.1): tag to leaf index, under one root that the set alone decides.
 *
 * No tag: 32 zero bytes. One: SHA256(0x02 || tag || u64be(index)). More: SHA256(0x03 || those whose next bit is 0 ||
 * those whose next bit is 1), from the first bit of byte 0 on.
 */

import { concat, equal, u64 } from "./bytes.js";
import { sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */

/** @typedef {{tag: Bytes, index: number, hash: Bytes | null}} Leaf */
/** @typedef {{halves: [Tree, Tree], hash: Bytes | null}} Fork a hash of null is to be computed anew */
/** @typedef {Leaf | Fork | null} Tree */

const EMPTY = new Uint8Array(32);
const LEAF = Uint8Array.of(2);
const FORK = new Uint8Array(65).fill(3, 0, 1);

export class PrefixMap {
  size = 0;
  /** @type {Tree} */
  #tree = null;

  /**
   * @param {Bytes} tag 32 bytes, in no other leaf of this map
   * @param {number} index
   */
  insert(tag, index) {
    this.#tree = inserted(this.#tree, { tag, index, hash: null }, 0);
    this.size += 1;
  }

  /** @returns {Bytes} */
  root() {
    return hashOf(this.#tree);
  }
}

/**
 * @param {Tree} tree
 * @param {Leaf} leaf
 * @param {number} depth
 * @returns {Tree}
 */
function inserted(tree, leaf, depth) {
  if (tree === null || ("tag" in tree && equal(tree.tag, leaf.tag))) return leaf;
  const fork = "halves" in tree ? tree : forkOver(tree, depth);
  const half = bit(leaf.tag, depth);
  fork.halves[half] = inserted(fork.halves[half], leaf, depth + 1);
  fork.hash = null;
  return fork;
}

/**
 * @param {Leaf} leaf
 * @param {number} depth
 * @returns {Fork}
 */
function forkOver(leaf, depth) {
  return { halves: bit(leaf.tag, depth) === 0 ? [leaf, null] : [null, leaf], hash: null };
}

/**
 * @param {Tree} tree
 * @returns {Bytes}
 */
function hashOf(tree) {
  if (tree === null) return EMPTY;
  const hash = tree.hash ?? ("tag" in tree ? sha256(concat(LEAF, tree.tag, u64(tree.index))) : forkHash(tree));
  tree.hash = hash;
  return hash;
}

/** @param {Fork} fork */
function forkHash({ halves: [zero, one] }) {
  const left = hashOf(zero);
  const right = hashOf(one);
  FORK.set(left, 1);
  FORK.set(right, 33);
  return sha256(FORK);
}

/**
 * @param {Bytes} tag
 * @param {number} depth
 * @returns {0 | 1}
 */
function bit(tag, depth) {
  return /** @type {0 | 1} */ ((tag[depth >> 3] >> (7 - (depth & 7))) & 1);
}
