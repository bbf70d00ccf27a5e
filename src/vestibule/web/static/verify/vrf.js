// @ts-check
/**
 * ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381, verified with validate_key, on the point arithmetic of @noble/curves.
 *
 * Stricter than the RFC: a public key or a Gamma outside the prime-order subgroup is refused.
 */

import { Refusal, concat, equal, hex, need } from "./bytes.js";

/** @import { Bytes } from "./bytes.js" */
/**
 * What is used of a point of @noble/curves.
 * @typedef {object} Point
 * @property {(scalar: bigint) => Point} multiplyUnsafe not in constant time: nothing here is secret to this browser
 * @property {(other: Point) => Point} subtract
 * @property {() => Point} clearCofactor
 * @property {() => boolean} is0
 * @property {() => boolean} isSmallOrder
 * @property {() => boolean} isTorsionFree
 * @property {() => Bytes} toBytes
 */
/** @typedef {{BASE: Point, Fn: {ORDER: bigint}, fromBytes: (bytes: Bytes) => Point}} Curve */

const SUITE = 3;
/** Where `tools/vendor.py` puts the curve. */
const CURVE = "./vendor/curves/ed25519.js";

/** @returns {Promise<Curve>} the curve; rejects where it was not put there */
export async function loadCurve() {
  const { ed25519 } = await import(CURVE);
  return ed25519.Point;
}

/**
 * @param {Curve} curve
 * @param {Bytes} publicKey
 * @param {Bytes} input called alpha in the RFC
 * @param {Bytes} proof 80 bytes: Gamma, c, s
 * @returns {Promise<Bytes>} the 64-byte output, called beta; refuses a proof that is not for this key and input
 */
export async function verifyVrf(curve, publicKey, input, proof) {
  need(proof.length === 80, `expected a proof of 80 bytes, got ${proof.length}`);
  const key = validPoint(curve, publicKey, "public key");
  const gamma = validPoint(curve, proof.slice(0, 32), "gamma");
  const c = littleEndian(proof.slice(32, 48));
  const s = littleEndian(proof.slice(48));
  need(s < curve.Fn.ORDER, "expected a scalar below the group order, got one not reduced");
  const h = await encodeToCurve(curve, publicKey, input);
  const u = curve.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(c));
  const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c));
  const points = [key, h, gamma, u, v].map((point) => point.toBytes());
  const challenge = (await sha512(Uint8Array.of(SUITE, 2), ...points, Uint8Array.of(0))).slice(0, 16);
  need(equal(challenge, proof.slice(32, 48)), "expected a proof for this key and input, got another");
  return sha512(Uint8Array.of(SUITE, 3), gamma.clearCofactor().toBytes(), Uint8Array.of(0));
}

/**
 * Hash to a point by try and increment, the public key as salt (RFC 9381, section 5.4.1.1).
 * @param {Curve} curve
 * @param {Bytes} publicKey
 * @param {Bytes} input
 * @returns {Promise<Point>}
 */
async function encodeToCurve(curve, publicKey, input) {
  for (let counter = 0; counter < 256; counter++) {
    const digest = await sha512(Uint8Array.of(SUITE, 1), publicKey, input, Uint8Array.of(counter, 0));
    const point = decoded(curve, digest.slice(0, 32))?.clearCofactor();
    if (point && !point.is0()) return point;
  }
  throw new Refusal("expected a point within 256 attempts, got none");
}

/**
 * @param {Curve} curve
 * @param {Bytes} bytes
 * @param {string} what
 */
function validPoint(curve, bytes, what) {
  const point = decoded(curve, bytes);
  need(
    point && !point.isSmallOrder() && point.isTorsionFree(),
    `expected a ${what} in the prime-order group, got ${hex(bytes)}`,
  );
  return point;
}

/**
 * @param {Curve} curve
 * @param {Bytes} bytes
 * @returns {Point | null} null for bytes that are no canonical encoding of a point
 */
function decoded(curve, bytes) {
  try {
    return curve.fromBytes(bytes);
  } catch {
    return null;
  }
}

/** @param {Bytes} bytes */
function littleEndian(bytes) {
  return BigInt(`0x${hex(bytes.toReversed())}`);
}

/** @param {...Uint8Array} parts */
async function sha512(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", concat(...parts)));
}
