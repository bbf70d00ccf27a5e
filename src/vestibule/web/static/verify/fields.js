// @ts-check
/** The grammar of single fields, and a reader that insists on every field and on no other. */

import { need, shown, unbase64 } from "./bytes.js";
import { isObject } from "./canonical.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Fields } from "./canonical.js" */

const NAME = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const LONGEST = 4096;

/** Takes typed values out of a decoded object; `done` refuses what is left over. */
export class Reader {
  #fields;
  #left;

  /** @param {Fields} fields */
  constructor(fields) {
    this.#fields = fields;
    this.#left = new Set(Object.keys(fields));
  }

  /** @param {string} name */
  has(name) {
    return this.#left.has(name);
  }

  /** @param {string} name */
  string(name) {
    const value = this.#take(name);
    need(typeof value === "string", `expected a string in ${shown(name)}`);
    return value;
  }

  /** @param {string} name of an integer, which canonical JSON keeps below 2**53 */
  integer(name) {
    const value = this.#take(name);
    need(typeof value === "number", `expected an integer in ${shown(name)}`);
    return value;
  }

  /** @param {string} name */
  count(name) {
    const value = this.integer(name);
    need(value >= 0, `expected ${shown(name)} from 0 on, got ${value}`);
    return value;
  }

  /** @param {string} name */
  text(name) {
    const value = this.string(name);
    const length = [...value].length;
    need(length > 0 && length <= LONGEST, `expected ${shown(name)} of 1 to ${LONGEST} characters, got ${length}`);
    return value;
  }

  /** @param {string} name */
  name(name) {
    return this.#match(name, NAME);
  }

  /** @param {string} name */
  keyId(name) {
    return this.#match(name, KEY_ID);
  }

  /** @param {string} name */
  sha256Hex(name) {
    return this.#match(name, SHA256_HEX);
  }

  /**
   * @param {string} name
   * @param {number} length
   * @returns {Bytes}
   */
  bytes(name, length) {
    const value = unbase64(this.string(name));
    need(value.length === length, `expected ${length} bytes in ${shown(name)}, got ${value.length}`);
    return value;
  }

  /** @param {string} name */
  object(name) {
    const value = this.#take(name);
    need(isObject(value), `expected an object in ${shown(name)}`);
    return value;
  }

  /** @param {string} name */
  strings(name) {
    const value = this.#take(name);
    need(
      Array.isArray(value) && value.every((item) => typeof item === "string"),
      `expected a list of strings in ${shown(name)}`,
    );
    return /** @type {string[]} */ (value);
  }

  done() {
    need(this.#left.size === 0, `expected no further field, got ${[...this.#left].sort().join(", ")}`);
  }

  /** @param {string} name */
  #take(name) {
    need(this.#left.delete(name), `expected the field ${shown(name)}, got none`);
    return this.#fields[name];
  }

  /**
   * @param {string} name
   * @param {RegExp} pattern
   */
  #match(name, pattern) {
    const value = this.string(name);
    need(pattern.test(value), `expected ${shown(name)} like ${pattern.source}, got ${shown(value)}`);
    return value;
  }
}

/**
 * @param {string} value
 * @returns {boolean}
 */
export function isName(value) {
  return NAME.test(value);
}
