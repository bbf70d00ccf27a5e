// @ts-check
/** Signed notes and the keys that sign them (C2SP signed-note, tlog-cosignature). */

import { base64, concat, equal, fromUtf8, hex, need, shown, unbase64, utf8 } from "./bytes.js";
import { isSigned } from "./ed25519.js";
import { sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */

/** Signature type: Ed25519 over the note's text. */
export const ED25519 = 0x01;
/** Signature type: Ed25519 over a time and the note's text, by a cosigner. */
export const COSIGNATURE = 0x04;
const KEY_ID = 4;
const TIME = 8;
const MOST_SIGNATURES = 100;

/**
 * @typedef {object} VerifierKey
 * @property {string} vkey as it was written
 * @property {string} name
 * @property {number} type the signature type
 * @property {Bytes} publicKey
 * @property {Bytes} id the first 4 bytes of SHA-256(name || newline || type || public key)
 */

/**
 * Read `name+hex key id+base64(type || public key)`.
 * @param {string} vkey
 * @returns {VerifierKey}
 */
export function parseKey(vkey) {
  const parts = /^([^+]*)\+([^+]*)\+(.*)$/.exec(vkey);
  need(parts, `expected name+id+key, got ${shown(vkey)}`);
  const [, name, shownId, encoded] = parts;
  checkName(name);
  const material = unbase64(encoded);
  need(material.length > 1, "expected a signature type and a public key, got nothing");
  const id = sha256(concat(utf8(name), utf8("\n"), material)).slice(0, KEY_ID);
  need(hex(id) === shownId, `expected key id ${hex(id)} for ${name}, got ${shown(shownId)}`);
  return { vkey, name, type: material[0], publicKey: material.slice(1), id };
}

/**
 * @typedef {object} Note
 * @property {string} text what is signed; it means nothing before a signature was checked
 * @property {{name: string, id: Bytes, blob: Bytes}[]} signatures
 */

/**
 * Split a signed note at its last blank line.
 * @param {Bytes} data
 * @returns {Note}
 */
export function parseNote(data) {
  const whole = fromUtf8(data);
  need(whole.endsWith("\n"), "expected the text to end in a newline");
  need(!/[\x00-\x09\x0b-\x1f]/.test(whole), "expected no control characters but newline");
  const blank = whole.lastIndexOf("\n\n");
  need(blank >= 0, "expected a blank line between text and signatures");
  const lines = whole.slice(blank + 2, -1).split("\n");
  need(lines.length <= MOST_SIGNATURES, `expected at most ${MOST_SIGNATURES} signatures, got ${lines.length}`);
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

/**
 * Check every signature that names a key; one that does not verify spoils the note.
 * @param {Note} note
 * @param {VerifierKey} key
 * @returns {Promise<number[]>} a time for each, in seconds since 1970; 0 for a plain signature
 */
export async function timesSignedBy(note, key) {
  const claimed = note.signatures.filter(({ name, id }) => name === key.name && equal(id, key.id));
  return Promise.all(claimed.map(({ blob }) => verify(note.text, blob, key)));
}

/**
 * @param {string} text
 * @param {Bytes} blob
 * @param {VerifierKey} key
 */
async function verify(text, blob, key) {
  const timed = key.type === COSIGNATURE;
  const length = timed ? TIME + 64 : 64;
  need(blob.length === length, `expected a signature of ${length} bytes by ${key.name}, got ${blob.length}`);
  const time = timed ? new DataView(blob.buffer, blob.byteOffset).getBigUint64(0) : 0n;
  need(time < 2n ** 63n, `expected a time below 2**63 by ${key.name}, got ${time}`);
  const message = timed ? `cosignature/v1\ntime ${time}\n${text}` : text;
  const good = await isSigned(key.publicKey, utf8(message), blob.slice(length - 64));
  need(good, `the signature by ${key.name} does not verify`);
  return Number(time);
}

/** @param {string} line */
function parseSignature(line) {
  const parts = line.split(" ");
  need(parts.length === 3 && parts[0] === "\u2014", `expected a signature line, got ${shown(line)}`);
  const [, name, encoded] = parts;
  checkName(name);
  const data = unbase64(encoded);
  need(data.length > KEY_ID, `expected a key id and a signature by ${name}, got ${base64(data)}`);
  return { name, id: data.slice(0, KEY_ID), blob: data.slice(KEY_ID) };
}

/** @param {string} name */
function checkName(name) {
  need(/^[^\s+\x00-\x1f\x85]+$/u.test(name), `expected a key name without spaces and plus, got ${shown(name)}`);
}
