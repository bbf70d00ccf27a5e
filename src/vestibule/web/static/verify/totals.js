// @ts-check
/** Public totals by day, and the table over which an epoch commits to them (docs/log.md, section 4.1). */

import { utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Event } from "./leaf.js" */

/** @typedef {{day: number, partner: string, kind: string, op: string, basis: string, events: number, items: number}} Row */

const COUNTS_ITEMS = ["access", "send", "delete"];

/**
 * What an event adds to the number of items: only some kinds count them.
 * @param {Event} event
 */
export function itemsOf({ kind, n }) {
  return COUNTS_ITEMS.includes(kind) ? n : 0;
}

export class Totals {
  /** @type {Map<number, Map<string, Row>>} */
  #days = new Map();

  /** @param {Event} event */
  count(event) {
    const { day, partner, kind, op, basis } = event;
    const rows = this.#days.get(day) ?? new Map();
    this.#days.set(day, rows);
    const name = `${partner} ${kind}/${op} ${basis}`;
    const row = rows.get(name) ?? { day, partner, kind, op, basis, events: 0, items: 0 };
    rows.set(name, row);
    row.events += 1;
    row.items += itemsOf(event);
  }

  /** @returns {Row[]} */
  rows() {
    return [...this.#days.values()].flatMap((rows) => [...rows.values()]);
  }

  /**
   * The table's SHA-256: one line a row, sorted by day as a number and then by the names.
   * @param {Iterable<number>} days
   * @returns {Bytes}
   */
  digest(days) {
    let table = "ledger/totals/v1\n";
    for (const day of [...days].sort((one, other) => one - other)) {
      for (const row of [...(this.#days.get(day)?.values() ?? [])].sort(byNames)) {
        table += `${day} ${row.partner} ${row.kind}/${row.op} ${row.basis} ${row.events} ${row.items}\n`;
      }
    }
    return sha256(utf8(table));
  }
}

/**
 * @param {Row} one
 * @param {Row} other
 */
function byNames(one, other) {
  return (
    order(one.partner, other.partner) ||
    order(`${one.kind}/${one.op}`, `${other.kind}/${other.op}`) ||
    order(one.basis, other.basis)
  );
}

/**
 * By code unit, in no language's own order.
 * @param {string} one
 * @param {string} other
 */
function order(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
