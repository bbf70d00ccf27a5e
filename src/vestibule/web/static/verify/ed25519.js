// @ts-check
/** Plain Ed25519 signatures (RFC 8032), checked by the browser's own WebCrypto. */

import { Refusal } from "./bytes.js";

/** @import { Bytes } from "./bytes.js" */

/** A public key that is none is refused too: nothing is signed by it. */
const NO_KEY = "DataError";

/**
 * @param {Bytes} publicKey 32 bytes
 * @param {Bytes} message
 * @param {Bytes} signature 64 bytes
 * @returns {Promise<boolean>} whether it is this key's signature over the message
 */
export async function isSigned(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch (error) {
    if (error instanceof DOMException && error.name === NO_KEY) return false;
    throw new Refusal("this browser has no Ed25519: use Chromium 137, Firefox 129, Safari 17 or newer");
  }
}
