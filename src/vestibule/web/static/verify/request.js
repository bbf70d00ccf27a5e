// @ts-check
/** A partner's signed request as it stands in an opening: the profile of RFC 9421 in docs/log.md, section 6. */

import { need, shown, utf8 } from "./bytes.js";
import { isSigned } from "./ed25519.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Register } from "./register.js" */

/** @typedef {{base: string, signature: Bytes, keyId: string, method: string, target: string}} SignedRequest */

const BASE = new RegExp(
  '^"@method": ([A-Z]{1,20})\\n' +
    '"@target-uri": (https?://[!-~]{1,8000})\\n' +
    '"content-digest": sha-256=:[A-Za-z0-9+/]{43}=:\\n' +
    '(?:"authorization": ([!-~](?:[ -~]{0,8000}[!-~])?)\\n)?' +
    '"@signature-params": \\("@method" "@target-uri" "content-digest"( "authorization")?\\)([^\\n]*)$',
);
const PARAMETERS = new Map([
  ["created", /^(?:0|[1-9][0-9]{0,14})$/],
  ["keyid", /^"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"$/],
  ["nonce", /^"[A-Za-z0-9+/=_.:-]{1,128}"$/],
  ["alg", /^"ed25519"$/],
]);

/**
 * @param {string} base the signature base
 * @param {Bytes} signature
 * @param {string} keyId as the opening names it
 * @returns {SignedRequest}
 */
export function parseRequest(base, signature, keyId) {
  const found = BASE.exec(base);
  need(found, `expected a signature base of this profile, got ${shown(base)}`);
  const [, method, target, token, covered, rest] = found;
  need((token === undefined) === (covered === undefined), "expected authorization covered if and only if there is one");
  const given = new Map(rest.split(";").slice(1).map((one) => /** @type {[string, string]} */ (halves(one))));
  const whole = [...given].map(([name, value]) => `;${name}=${value}`).join("");
  const good = [...PARAMETERS].every(([name, pattern]) => pattern.test(given.get(name) ?? ""));
  need(given.size === 4 && whole === rest && good, `expected created, keyid, nonce and alg once each, got ${shown(rest)}`);
  need(given.get("keyid") === `"${keyId}"`, `expected the key id of the base, got ${shown(keyId)}`);
  return { base, signature, keyId, method, target };
}

/**
 * @param {SignedRequest} request
 * @param {Register} register
 * @param {string} partner
 * @param {number} index of the leaf
 * @param {number} day of the leaf
 * @returns {Promise<boolean>} whether the partner's registered key signed it
 */
export async function isPartnersOwn(request, register, partner, index, day) {
  const key = register.keyAt(partner, request.keyId, index, day);
  return key !== undefined && (await isSigned(key, utf8(request.base), request.signature));
}

/** @param {string} parameter */
function halves(parameter) {
  const equals = parameter.indexOf("=");
  return [parameter.slice(0, equals), parameter.slice(equals + 1)];
}
