// @ts-check
/**
 * SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), synchronous.
 *
 * WebCrypto's digest is asynchronous, call by call: a replay makes millions of small ones and would wait for each.
 * The tests hold this module against published vectors and against WebCrypto. Nothing secret goes through it but
 * a person's own lane keys, in her own browser.
 */

const K = new Int32Array(64);
const START = new Int32Array(8);
const W = new Int32Array(64);
const BLOCK = 64;
/** Working space, kept because a replay would make millions of them. */
const STATE = new Int32Array(8);
const TAIL = new Uint8Array(2 * BLOCK);

/**
 * Fractional bits of square and cube roots of the first primes: FIPS 180-4, sections 4.2.2 and 5.3.3. None of
 * them is so near to the next whole number that a last digit rounded otherwise, as engines may, would show.
 */
function fillConstants() {
  const bits = (/** @type {number} */ root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  for (let candidate = 2, found = 0; found < 64; candidate++) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor++) prime &&= candidate % factor !== 0;
    if (!prime) continue;
    if (found < 8) START[found] = bits(Math.sqrt(candidate));
    K[found++] = bits(Math.cbrt(candidate));
  }
}
fillConstants();

/**
 * @param {Uint8Array} data
 * @returns {Uint8Array<ArrayBuffer>} 32 bytes
 */
export function sha256(data) {
  STATE.set(START);
  const whole = data.length - (data.length % BLOCK);
  for (let at = 0; at < whole; at += BLOCK) compress(STATE, data, at);
  const left = data.length - whole;
  const end = left < 56 ? BLOCK : 2 * BLOCK;
  TAIL.fill(0);
  for (let i = 0; i < left; i++) TAIL[i] = data[whole + i];
  TAIL[left] = 0x80;
  for (let i = 0, bits = 8 * data.length; i < 8; i++, bits = Math.floor(bits / 256)) TAIL[end - 1 - i] = bits;
  for (let at = 0; at < end; at += BLOCK) compress(STATE, TAIL, at);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = STATE[i >> 2] >>> (24 - 8 * (i & 3));
  return digest;
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} message
 * @returns {Uint8Array<ArrayBuffer>} 32 bytes
 */
export function hmacSha256(key, message) {
  const short = key.length > BLOCK ? sha256(key) : key;
  const inner = new Uint8Array(BLOCK + message.length).fill(0x36, 0, BLOCK);
  const outer = new Uint8Array(BLOCK + 32).fill(0x5c, 0, BLOCK);
  for (let i = 0; i < short.length; i++) {
    inner[i] ^= short[i];
    outer[i] ^= short[i];
  }
  inner.set(message, BLOCK);
  outer.set(sha256(inner), BLOCK);
  return sha256(outer);
}

/**
 * One block (FIPS 180-4, section 6.2.2).
 * @param {Int32Array} state
 * @param {Uint8Array} data
 * @param {number} at
 */
function compress(state, data, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    W[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
  state[5] = (state[5] + f) | 0;
  state[6] = (state[6] + g) | 0;
  state[7] = (state[7] + h) | 0;
}
