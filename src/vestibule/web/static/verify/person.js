// @ts-check
/** The person file: what a person needs to find her own events. It is read here and goes nowhere. */

import { fromUtf8, need, unbase64, utf8, at } from "./bytes.js";
import { isObject, parse } from "./canonical.js";
import { LANES } from "./tags.js";

/** @import { Bytes } from "./bytes.js" */

/** @typedef {{index: number, r: Bytes, text: Bytes}} Opening */
/** @typedef {{proof: Bytes, openings: Opening[]}} Lane */
/** @typedef {{origin: string, subject: string, partners: Map<string, Record<"shared" | "own", Lane>>}} PersonFile */

const FORMAT = "vestibule-person/v1";

/**
 * @param {Bytes} file
 * @returns {PersonFile}
 */
export function parsePersonFile(file) {
  const text = fromUtf8(file);
  const value = parse(text);
  need(namesIn(text) === keysOf(value), "expected every name once in its object, got one twice");
  const format = get(value, "format", "string");
  need(format === FORMAT, `expected a file of format ${FORMAT}, got ${format}`);
  const subject = get(value, "subject", "string");
  need(/^[0-9a-f]{32}$/.test(subject), "subject: expected 16 bytes in hex");
  /** @type {PersonFile["partners"]} */
  const partners = new Map();
  for (const [i, entry] of list(value, "partners").entries()) {
    const partner = get(entry, "partner", "string");
    need(!partners.has(partner), `partners[${i}]: ${partner} is there twice`);
    partners.set(partner, within(`partners[${i}]`, () => lanes(get(entry, "lanes", "object"))));
  }
  return { origin: get(value, "origin", "string"), subject, partners };
}

/**
 * How many names stand in a JSON text: the strings that a colon follows.
 * @param {string} text
 */
function namesIn(text) {
  const strings = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g) ?? [];
  return strings.filter((string) => string.endsWith(":")).length;
}

/**
 * How many of them the parser kept: of a name given twice it keeps the last.
 * @param {unknown} value
 * @returns {number}
 */
function keysOf(value) {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((sum, one) => sum + keysOf(one), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/**
 * @param {object} value
 * @returns {Record<"shared" | "own", Lane>}
 */
function lanes(value) {
  const names = Object.keys(value).sort().join(" and ");
  need(names === "own and shared", `expected the lanes own and shared, got ${names}`);
  const [shared, own] = LANES.map((name) => within(name, () => lane(get(value, name, "object"))));
  return { shared, own };
}

/**
 * @param {object} value
 * @returns {Lane}
 */
function lane(value) {
  const openings = list(value, "openings").map((entry, i) => within(`openings[${i}]`, () => opening(entry)));
  return { proof: unbase64(get(value, "proof", "string")), openings };
}

/**
 * @param {unknown} value
 * @returns {Opening}
 */
function opening(value) {
  const index = get(value, "index", "number");
  need(Number.isSafeInteger(index) && index >= 0, `expected the index of a leaf, got ${index}`);
  return { index, r: unbase64(get(value, "r", "string")), text: utf8(get(value, "private", "string")) };
}

/**
 * @template {"string" | "number" | "object"} T
 * @param {unknown} value
 * @param {string} name
 * @param {T} type
 * @returns {T extends "string" ? string : T extends "number" ? number : object}
 */
function get(value, name, type) {
  const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  need(typeof found === type && found !== null, `${name}: expected a ${type}`);
  return /** @type {any} */ (found);
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function list(value, name) {
  const found = get(value, name, "object");
  need(Array.isArray(found), `${name}: expected a list`);
  return /** @type {unknown[]} */ (found);
}

/**
 * @template T
 * @param {string} place
 * @param {() => T} read
 */
function within(place, read) {
  try {
    return read();
  } catch (error) {
    throw at(place, error);
  }
}
