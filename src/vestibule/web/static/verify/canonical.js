// @ts-check
/** Canonical JSON: RFC 8785 restricted to objects, arrays, strings and integers below 2**53, with ASCII keys. */

import { Refusal, fromUtf8, need } from "./bytes.js";

/** @typedef {string | number | Value[] | {[name: string]: Value}} Value */
/** @typedef {{[name: string]: Value}} Fields */

/**
 * Read canonical text. Writing the object again and comparing is what refuses duplicate keys, white space, other key
 * orders and every other spelling.
 * @param {Uint8Array} data
 * @returns {Fields}
 */
export function decode(data) {
  const text = fromUtf8(data);
  const value = parse(text);
  need(isObject(value), "expected a json object, got something else");
  need(encode(value) === text, "expected the canonical form, got another spelling of the same object");
  return value;
}

/**
 * @param {Value} value
 * @returns {string}
 */
export function encode(value) {
  if (typeof value === "string") {
    need(value.isWellFormed(), "expected text, got a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    need(Number.isSafeInteger(value), `expected an integer below 2**53, got ${value}`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  need(isObject(value), `expected a string, integer, list or object, got ${String(value)}`);
  const names = Object.keys(value).sort();
  need(/^[\x00-\x7f]*$/.test(names.join("")), "expected ascii strings as keys");
  return `{${names.map((name) => `${JSON.stringify(name)}:${encode(value[name])}`).join(",")}}`;
}

/**
 * @param {unknown} value
 * @returns {value is Fields}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {string} text
 * @returns {unknown}
 */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(`expected json: ${error instanceof Error ? error.message : error}`);
  }
}
