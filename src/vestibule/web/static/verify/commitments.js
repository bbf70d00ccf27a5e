// @ts-check
/** What an epoch leaf must say about the leaves before it: the map of their tags, and the totals of days touched. */

import { equal, hex, unbase64 } from "./bytes.js";
import { PrefixMap } from "./prefix_map.js";
import { Totals } from "./totals.js";

/** @import { Epoch, Event } from "./leaf.js" */

export class Commitments {
  map = new PrefixMap();
  /** Over the leaves that an epoch took in. */
  totals = new Totals();
  /** How many leaves the newest good epoch covers. */
  covered = 0;
  /** @type {Map<string, number>} tag to the first leaf that bears it */
  #first = new Map();
  /** @type {{index: number, event: Event}[]} events that no epoch took in yet */
  #waiting = [];
  /** @type {Map<number, number>} day to its last event taken in */
  #lastOfDay = new Map();

  /**
   * @param {string} tag in base64
   * @returns {number | undefined} the first leaf that bears it
   */
  find(tag) {
    return this.#first.get(tag);
  }

  /**
   * @param {number} index
   * @param {Event} event
   * @returns {number} the first leaf that bears its tag: this one, unless the tag was used before
   */
  add(index, event) {
    this.#waiting.push({ index, event });
    const first = this.#first.get(event.tag) ?? index;
    if (first === index) this.#first.set(event.tag, index);
    return first;
  }

  /**
   * Take in what an epoch covers, and compare.
   * @param {number} index of the epoch leaf
   * @param {Epoch} epoch
   * @returns {string} what is wrong with it; empty for a good one
   */
  check(index, { size, map, count, table }) {
    if (size <= this.covered || size > index) {
      return `expected an epoch over ${this.covered + 1} to ${index} leaves, got ${size}`;
    }
    this.#takeIn(size);
    if (count !== this.map.size) return `expected an epoch over ${this.map.size} tags, got ${count}`;
    if (!equal(map, this.map.root())) return `expected the map root ${hex(this.map.root())}, got ${hex(map)}`;
    const touched = [...this.#lastOfDay].filter(([, last]) => last >= this.covered).map(([day]) => day);
    const digest = this.totals.digest(touched);
    if (!equal(table, digest)) return `expected the totals' digest ${hex(digest)}, got ${hex(table)}`;
    this.covered = size;
    return "";
  }

  /** Take in what waits, once the last leaf was read. */
  finish() {
    this.#takeIn(Infinity);
  }

  /** @param {number} size */
  #takeIn(size) {
    const end = this.#waiting.findIndex(({ index }) => index >= size);
    for (const { index, event } of this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)) {
      if (this.#first.get(event.tag) === index) this.map.insert(unbase64(event.tag), index);
      this.totals.count(event);
      this.#lastOfDay.set(event.day, index);
    }
  }
}
