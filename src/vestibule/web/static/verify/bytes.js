// @ts-check
/** Bytes and their spellings, each with exactly one accepted form; and the one error of these modules. */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** What was read is not what it must be; the message says what was expected, what was got, and where. */
export class Refusal extends Error {
  name = "Refusal";
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function need(condition, message) {
  if (!condition) throw new Refusal(message);
}

/**
 * Repeat what went wrong with the place where it did; errors of this code itself pass as they are.
 * @param {string} place
 * @param {unknown} error
 * @returns {unknown}
 */
export function at(place, error) {
  return error instanceof Refusal ? new Refusal(`${place}: ${error.message}`) : error;
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/**
 * @param {string} text lower case
 * @returns {Bytes}
 */
export function unhex(text) {
  need(/^(?:[0-9a-f]{2})*$/.test(text), `expected hex, got ${shown(text)}`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Standard base64 with padding (RFC 4648, section 4); unused bits at the end must be zero.
 * @param {string} text
 * @returns {Bytes}
 */
export function unbase64(text) {
  need(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, `expected base64, got ${shown(text)}`);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  need(base64(bytes) === text, `expected canonical base64, got ${shown(text)}`);
  return bytes;
}

/**
 * @param {...Uint8Array} parts
 * @returns {Bytes}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * @param {string} text
 * @returns {Bytes}
 */
export function utf8(text) {
  return ENCODER.encode(text);
}

/** @param {Uint8Array} bytes */
export function fromUtf8(bytes) {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new Refusal("expected valid utf-8");
  }
}

/**
 * @param {number} value a whole number from 0 below 2**53
 * @returns {Bytes} 8 bytes, big-endian
 */
export function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** @param {string} text */
export function shown(text) {
  return JSON.stringify(text.slice(0, 80));
}
