// @ts-check
/** The register as the log tells it: partners, their keys, their privileges, each with when it counts. */

import { equal, hex } from "./bytes.js";
import { isSigned } from "./ed25519.js";

/** @import { Key, Partner, Privilege, Reconcile, Relationship, Report, Suspension, Withdrawal } from "./leaf.js" */

/** The id of the operator's own staff tool; no partner may register it. */
export const OPERATOR = "operator";

/** @typedef {{leaf: Key, since: number, end: number}} HeldKey from leaf `since` up to, not including, leaf `end` */
/** @typedef {{leaf: Privilege, since: number, end: number}} HeldPrivilege */

/** Each method returns what is wrong with the leaf; empty for a good one. */
export class Register {
  /** @type {Map<string, Partner>} */
  partners = new Map();
  /** @type {Map<string, HeldPrivilege[]>} by `partner scope`, those with a valid signature, in order */
  privileges = new Map();
  /** @type {Set<string>} `partner suspender` of those suspended as a whole */
  #suspended = new Set();
  /** @type {Map<string, number>} partner and first day to the newest edition of a report */
  #editions = new Map();
  /** @type {Map<string, HeldKey[]>} by `partner id`, in order */
  #keys = new Map();

  /** @param {Partner} leaf */
  addPartner(leaf) {
    if (this.partners.has(leaf.partner) || leaf.partner === OPERATOR) {
      return `expected a new partner id, got ${leaf.partner}`;
    }
    this.partners.set(leaf.partner, leaf);
    return "";
  }

  /**
   * @param {number} index
   * @param {Key} leaf
   */
  addKey(index, leaf) {
    if (!this.partners.has(leaf.partner)) return `expected a registered partner, got ${leaf.partner}`;
    const held = listed(this.#keys, `${leaf.partner} ${leaf.id}`);
    const last = held.at(-1);
    if (last && !equal(last.leaf.key, leaf.key)) {
      return `expected the key already registered as ${leaf.id}, got another: ${hex(leaf.key)}`;
    }
    if (last) last.end = index;
    held.push({ leaf, since: index, end: Infinity });
    return "";
  }

  /**
   * The key registered under an id for a leaf at `index` with day `day`.
   * @param {string} partner
   * @param {string} id
   * @param {number} index
   * @param {number} day
   */
  keyAt(partner, id, index, day) {
    const held = this.#keys.get(`${partner} ${id}`) ?? [];
    return held.find(
      ({ leaf, since, end }) => since <= index && index < end && leaf.from <= day && day <= leaf.until,
    )?.leaf.key;
  }

  /**
   * Check the partner's signature by a key registered earlier and in force on the leaf's day.
   * @param {number} index
   * @param {Privilege | Reconcile} leaf
   */
  async checkSignature(index, leaf) {
    const key = this.keyAt(leaf.partner, leaf.keyId, index, leaf.day);
    if (!key) return `expected a key of ${leaf.partner} in force, got ${leaf.keyId}`;
    if (await isSigned(key, leaf.signed, leaf.signature)) return "";
    return `expected a signature by ${leaf.partner} under ${leaf.keyId}, got another`;
  }

  /**
   * @param {number} index
   * @param {Privilege} leaf whose signature was checked
   * @param {number} day the log's
   */
  addPrivilege(index, leaf, day) {
    const held = listed(this.privileges, `${leaf.partner} ${leaf.scope}`);
    endLast(held, index);
    held.push({ leaf, since: index, end: leaf.until < day ? index : Infinity });
  }

  /**
   * @param {number} index
   * @param {Withdrawal} leaf
   */
  withdraw(index, { partner, scope }) {
    const held = this.privileges.get(`${partner} ${scope}`);
    if (!held) return `expected a privilege of ${partner} for ${scope} to withdraw, got none`;
    endLast(held, index);
    return "";
  }

  /**
   * Each of the two suspends once and then lifts: the leaf says what changes, so it has to.
   * @param {Suspension} leaf
   */
  suspend({ partner, by, lifted }) {
    if (!this.partners.has(partner)) return `expected a registered partner, got ${partner}`;
    const which = `${partner} ${by}`;
    if (this.#suspended.has(which) !== lifted) {
      const expected = lifted ? "a suspension to lift" : "no suspension yet";
      return `expected ${expected} of ${partner} by the ${by}, got the contrary`;
    }
    if (lifted) this.#suspended.delete(which);
    else this.#suspended.add(which);
    return "";
  }

  /**
   * Who suspended a partner as a whole; empty if nobody did.
   * @param {string} partner
   */
  suspendedBy(partner) {
    return ["operator", "partner"].find((by) => this.#suspended.has(`${partner} ${by}`)) ?? "";
  }

  /** @param {Relationship} leaf */
  disclose({ partner }) {
    return this.partners.has(partner) ? "" : `expected a registered partner, got ${partner}`;
  }

  /**
   * Editions of a fortnight count from 1; a missing one comes before them, once.
   * @param {Report} leaf
   */
  report({ partner, from, edition, verdict }) {
    if (!this.partners.has(partner)) return `expected a registered partner, got ${partner}`;
    const last = this.#editions.get(`${partner} ${from}`);
    const expected = verdict === "missing" && last === undefined ? 0 : (last ?? 0) + 1;
    if (edition !== expected) return `expected edition ${expected} of a report of ${partner}, got ${edition}`;
    this.#editions.set(`${partner} ${from}`, edition);
    return "";
  }

  /**
   * End what lasted until an earlier day.
   * @param {number} index the first leaf of the day
   * @param {number} day
   */
  turnDay(index, day) {
    for (const held of this.privileges.values()) {
      const last = held.at(-1);
      if (last && last.leaf.until < day) endLast(held, index);
    }
  }

  /**
   * @param {string} partner
   * @param {string} scope
   * @returns {boolean} whether a privilege is in force after the leaves read so far
   */
  holds(partner, scope) {
    return this.privileges.get(`${partner} ${scope}`)?.at(-1)?.end === Infinity;
  }
}

/**
 * @param {{end: number}[]} held
 * @param {number} index
 */
function endLast(held, index) {
  const last = held.at(-1);
  if (last && last.end === Infinity) last.end = index;
}

/**
 * @template T
 * @param {Map<string, T[]>} map
 * @param {string} name
 * @returns {T[]}
 */
function listed(map, name) {
  const list = map.get(name) ?? [];
  map.set(name, list);
  return list;
}
