// @ts-check
/** What is counted of each partner during a replay: its events, and live connections by scope. */

import { itemsOf } from "./totals.js";

/** @import { Event, Reconcile } from "./leaf.js" */

/** The operation people do themselves, in the platform's own dialog. */
export const DIALOG = "dialog";
/** Kinds that answer a request of the partner's own, which it can count itself. */
const OWN_REQUESTS = ["access", "send", "delete", "refusal"];

export class PartnerCount {
  /** All its events. */
  events = 0;
  /** @type {Map<string, number>} grants minus ends by scope: an upper bound on connected people */
  live = new Map();
  /** @type {{index: number, pair: string, items: number}[]} its own requests that no count covered yet */
  #waiting = [];
  /** @type {Map<string, [number, number]>} events and items of the first `#size` leaves */
  #counts = new Map();
  #size = 0;

  /**
   * @param {number} index
   * @param {Event} event
   */
  add(index, event) {
    this.events += 1;
    if (OWN_REQUESTS.includes(event.kind) && event.op !== DIALOG) {
      this.#waiting.push({ index, pair: `${event.kind}/${event.op}`, items: itemsOf(event) });
    }
  }

  /**
   * @param {string} scope
   * @param {1 | -1} step
   * @returns {boolean} false if there was none to end
   */
  connect(scope, step) {
    const live = (this.live.get(scope) ?? 0) + step;
    if (live < 0) return false;
    this.live.set(scope, live);
    return true;
  }

  /**
   * Compare the partner's own signed counts with the log's; pairs it counted nothing of may be named or left out.
   * @param {number} index
   * @param {Reconcile} leaf
   * @returns {{wrong: string, matches: boolean}} what breaks the log's rules, and whether the counts are the same
   */
  reconcile(index, { size, counts }) {
    if (size < this.#size || size > index) {
      return { wrong: `expected a size from ${this.#size} to ${index}, got ${size}`, matches: false };
    }
    const end = this.#waiting.findIndex((waiting) => waiting.index >= size);
    for (const { pair, items } of this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)) {
      const [before, itemsBefore] = this.#counts.get(pair) ?? [0, 0];
      this.#counts.set(pair, [before + 1, itemsBefore + items]);
    }
    this.#size = size;
    const named = [...counts].filter(([, [events, items]]) => events !== 0 || items !== 0);
    const same = named.every(([pair, count]) => String(this.#counts.get(pair)) === String(count));
    return { wrong: "", matches: same && named.length === this.#counts.size };
  }
}
