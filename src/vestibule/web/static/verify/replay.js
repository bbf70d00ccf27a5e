// @ts-check
/**
 * The replay: one pass over all entries that checks every rule the public can check (docs/log.md, section 8).
 *
 * What an entry contains never ends it. A leaf that breaks a rule is a breach and still counts: an event without
 * authority is an event all the same.
 */

import { Refusal } from "./bytes.js";
import { Commitments } from "./commitments.js";
import { DIALOG, PartnerCount } from "./counting.js";
import { isEvent, parseLeaf } from "./leaf.js";
import { OPERATOR, Register } from "./register.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Epoch, Event, Genesis, Privilege, Reconcile, RegisterLeaf } from "./leaf.js" */

/** @typedef {{index: number, message: string}} Breach */

/** Of these a suspended partner has none; refusals and ends go on. */
const STOPPED = ["access", "exposure", "send", "delete", "notify", "grant"];
const NEEDS_A_CONNECTION = ["access", "exposure", "send", "delete"];

export class Replay {
  size = 0;
  day = 0;
  /** @type {Genesis | null} */
  genesis = null;
  register = new Register();
  commitments = new Commitments();
  /** @type {Map<string, PartnerCount>} */
  counts = new Map();
  /** @type {{index: number, leaf: Epoch}[]} the good ones */
  epochs = [];
  /** @type {{index: number, leaf: Reconcile, matches: boolean}[]} */
  reconciled = [];
  /** @type {Breach[]} in order of index; an honest log has none */
  breaches = [];

  /**
   * Read the next entry. Only a leaf with a signature takes a promise: wait for it before the next.
   * @param {Bytes} entry
   * @returns {Promise<void> | undefined}
   */
  add(entry) {
    const index = this.size++;
    let leaf;
    try {
      leaf = parseLeaf(entry);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#breach(index, error.message);
      return undefined;
    }
    if (index === 0 && leaf.kind !== "genesis") this.#breach(0, "expected a genesis leaf at index 0, got another");
    this.#turnDay(index, leaf.day);
    return isEvent(leaf) ? this.#event(index, leaf) : this.#registerLeaf(index, leaf);
  }

  /** How many of a partner's events were read. @param {string} partner */
  eventsOf(partner) {
    return this.counts.get(partner)?.events ?? 0;
  }

  /**
   * @param {number} index
   * @param {string} message empty if nothing is wrong
   */
  #breach(index, message) {
    if (message !== "") this.breaches.push({ index, message });
  }

  /**
   * @param {number} index
   * @param {number} day
   */
  #turnDay(index, day) {
    if (day < this.day) this.#breach(index, `expected day ${this.day} or later, got ${day}`);
    if (day <= this.day) return;
    this.day = day;
    this.register.turnDay(index, day);
  }

  /**
   * @param {number} index
   * @param {RegisterLeaf} leaf
   * @returns {Promise<void> | undefined}
   */
  #registerLeaf(index, leaf) {
    switch (leaf.kind) {
      case "genesis":
        if (index === 0) this.genesis = leaf;
        else this.#breach(index, "expected genesis at index 0 only, got another");
        return undefined;
      case "privilege":
      case "reconcile":
        return this.#signed(index, leaf);
      case "partner":
        return void this.#breach(index, this.register.addPartner(leaf));
      case "key":
        return void this.#breach(index, this.register.addKey(index, leaf));
      case "withdrawal":
        return void this.#breach(index, this.register.withdraw(index, leaf));
      case "suspension":
        return void this.#breach(index, this.register.suspend(leaf));
      case "relationship":
        return void this.#breach(index, this.register.disclose(leaf));
      case "report":
        return void this.#breach(index, this.register.report(leaf));
      case "epoch":
        return this.#epoch(index, leaf);
    }
  }

  /**
   * @param {number} index
   * @param {Privilege | Reconcile} leaf
   */
  async #signed(index, leaf) {
    const wrong = await this.register.checkSignature(index, leaf);
    this.#breach(index, wrong);
    if (wrong !== "") return;
    if (leaf.kind === "privilege") {
      this.register.addPrivilege(index, leaf, this.day);
      return;
    }
    const { wrong: wrongSize, matches } = this.#countOf(leaf.partner).reconcile(index, leaf);
    this.#breach(index, wrongSize);
    if (wrongSize === "") this.reconciled.push({ index, leaf, matches });
  }

  /**
   * @param {number} index
   * @param {Epoch} leaf
   * @returns {undefined}
   */
  #epoch(index, leaf) {
    const wrong = this.commitments.check(index, leaf);
    this.#breach(index, wrong);
    if (wrong === "") this.epochs.push({ index, leaf });
  }

  /**
   * @param {number} index
   * @param {Event} event
   * @returns {undefined}
   */
  #event(index, event) {
    const count = this.#countOf(event.partner);
    count.add(index, event);
    const first = this.commitments.add(index, event);
    if (first !== index) this.#breach(index, `expected a fresh tag, got the one of leaf ${first}`);
    if (event.basis === OPERATOR) {
      if (event.partner === OPERATOR && event.kind === "access") return;
      this.#breach(index, `expected basis grant, got operator on ${event.kind} by ${event.partner}`);
      return;
    }
    if (!this.register.partners.has(event.partner)) {
      this.#breach(index, `expected a registered partner, got ${event.partner}`);
    }
    this.#suspension(index, event);
    this.#authority(index, event, count);
    if (event.kind === "grant") count.connect(event.op, 1);
    if (event.kind === "end" && !count.connect(event.op, -1)) {
      this.#breach(index, `expected a live grant of ${event.op} to end, got none`);
    }
  }

  /**
   * @param {number} index
   * @param {Event} event
   */
  #suspension(index, { kind, partner }) {
    const by = STOPPED.includes(kind) ? this.register.suspendedBy(partner) : "";
    if (by) this.#breach(index, `expected no ${kind} by ${partner}, suspended by ${by}, got one`);
  }

  /**
   * A privilege in force and, but for the grant itself, a live connection; dialogs need neither.
   * @param {number} index
   * @param {Event} event
   * @param {PartnerCount} count
   */
  #authority(index, { kind, partner, op }, count) {
    const connected = NEEDS_A_CONNECTION.includes(kind) && op !== DIALOG;
    if (!connected && kind !== "grant") return;
    if (!this.register.holds(partner, op)) {
      this.#breach(index, `expected a privilege of ${partner} for ${op} in force, got none`);
    }
    if (connected && !count.live.get(op)) this.#breach(index, `expected a live grant of ${op} to ${partner}, got none`);
  }

  /** @param {string} partner */
  #countOf(partner) {
    const count = this.counts.get(partner) ?? new PartnerCount();
    this.counts.set(partner, count);
    return count;
  }
}
