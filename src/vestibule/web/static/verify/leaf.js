// @ts-check
/** Every kind of leaf, read from its bytes (docs/log.md, section 3): exactly the canonical bytes are accepted. */

import { base64, fromUtf8, need, shown, utf8 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { Reader, isName } from "./fields.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Fields } from "./canonical.js" */

/** @typedef {{kind: string, day: number, partner: string, op: string, n: number, basis: string, tag: string, commitment: string}} Event tag and commitment in base64 */
/** @typedef {{kind: "genesis", day: number, origin: string, vrf: Bytes, log: string}} Genesis */
/** @typedef {{kind: "partner", day: number, partner: string, entity: string, name: string}} Partner */
/** @typedef {{kind: "key", day: number, partner: string, id: string, key: Bytes, from: number, until: number}} Key */
/** @typedef {{keyId: string, signed: Bytes, signature: Bytes}} Signed what a partner signed, and how */
/** @typedef {{kind: "privilege", day: number, partner: string, scope: string, purpose: string, until: number} & Signed} Privilege */
/** @typedef {{kind: "withdrawal", day: number, partner: string, scope: string}} Withdrawal */
/** @typedef {{kind: "suspension", day: number, partner: string, by: string, lifted: boolean}} Suspension */
/** @typedef {{kind: "relationship", day: number, partner: string}} Relationship */
/** @typedef {{kind: "reconcile", day: number, partner: string, size: number, counts: Map<string, [number, number]>} & Signed} Reconcile */
/** @typedef {{kind: "report", day: number, partner: string, from: number, edition: number, verdict: string}} Report */
/** @typedef {{kind: "epoch", day: number, size: number, map: Bytes, count: number, table: Bytes}} Epoch */
/** @typedef {Genesis | Partner | Key | Privilege | Withdrawal | Suspension | Relationship | Reconcile | Report | Epoch} RegisterLeaf */

const LONGEST_ENTRY = 65535;
const LAST_DAY = 2932896; // 9999-12-31, the last day that has a name
const EVENT_KINDS = ["access", "exposure", "send", "delete", "refusal", "notify", "grant", "end"];
const BASES = ["grant", "operator"];
const NUMBER = "(0|[1-9][0-9]{0,14})";
const NAME = "([a-z0-9][a-z0-9._:-]{0,63})";
const B64 = "([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)";

/** The canonical form of nearly every event; what it misses is read the slow way. */
const EVENT = new RegExp(
  `^\\{"b":"(${BASES.join("|")})","c":"${B64}","d":${NUMBER},"k":"(${EVENT_KINDS.join("|")})","n":${NUMBER},` +
    `"op":"${NAME}","p":"${NAME}","tag":"${B64}","v":1\\}$`,
);

/** @type {Record<string, (reader: Reader, day: number, fields: Fields) => RegisterLeaf>} */
const REGISTER = {
  genesis,
  partner,
  key,
  privilege,
  withdrawal,
  suspension,
  relationship,
  reconcile,
  report,
  epoch,
};

/**
 * @param {Bytes} data
 * @returns {Event | RegisterLeaf}
 */
export function parseLeaf(data) {
  const found = EVENT.exec(fromUtf8(data));
  if (found !== null) return fromWire(found);
  need(data.length <= LONGEST_ENTRY, `expected at most ${LONGEST_ENTRY} bytes, got ${data.length}`);
  const fields = decode(data);
  const reader = new Reader(fields);
  const version = reader.integer("v");
  need(version === 1, `expected version 1, got ${version}`);
  const kind = reader.string("k");
  const day = reader.count("d");
  need(EVENT_KINDS.includes(kind) || Object.hasOwn(REGISTER, kind), `expected a known kind, got ${shown(kind)}`);
  const leaf = EVENT_KINDS.includes(kind) ? event(reader, day, kind) : REGISTER[kind](reader, day, fields);
  reader.done();
  return leaf;
}

/**
 * @param {Event | RegisterLeaf} leaf
 * @returns {leaf is Event}
 */
export function isEvent(leaf) {
  return "tag" in leaf;
}

/**
 * @param {RegExpExecArray} found
 * @returns {Event}
 */
function fromWire([, basis, commitment, day, kind, n, op, partner, tag]) {
  return { kind, day: Number(day), partner, op, n: Number(n), basis, tag, commitment };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @param {string} kind
 * @returns {Event}
 */
function event(reader, day, kind) {
  const basis = reader.string("b");
  need(BASES.includes(basis), `expected the basis grant or operator, got ${shown(basis)}`);
  const what = { partner: reader.name("p"), op: reader.name("op"), n: reader.count("n") };
  return { kind, day, ...what, basis, tag: base64(reader.bytes("tag", 32)), commitment: base64(reader.bytes("c", 32)) };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Genesis}
 */
function genesis(reader, day) {
  const suite = reader.integer("suite");
  need(suite === 1, `expected suite 1, got ${suite}`);
  if (reader.has("previous")) reader.text("previous");
  return { kind: "genesis", day, origin: reader.text("origin"), vrf: reader.bytes("vrf", 32), log: reader.text("log") };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Partner}
 */
function partner(reader, day) {
  reader.text("home");
  return { kind: "partner", day, partner: reader.name("p"), entity: reader.text("entity"), name: reader.text("name") };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Key}
 */
function key(reader, day) {
  const until = reader.has("until") ? reader.count("until") : Infinity;
  const whose = { partner: reader.name("p"), id: reader.keyId("id") };
  return { kind: "key", day, ...whose, key: reader.bytes("key", 32), from: reader.count("from"), until };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @param {Fields} fields
 * @returns {Privilege}
 */
function privilege(reader, day, fields) {
  reader.sha256Hex("agreement");
  const what = { partner: reader.name("p"), scope: reader.name("scope"), purpose: reader.text("purpose") };
  return { kind: "privilege", day, ...what, until: reader.count("until"), ...signed(reader, fields) };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Withdrawal}
 */
function withdrawal(reader, day) {
  return { kind: "withdrawal", day, partner: reader.name("p"), scope: reader.name("scope") };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Suspension}
 */
function suspension(reader, day) {
  const [by, state] = [reader.string("by"), reader.string("state")];
  need(["operator", "partner"].includes(by), `expected a suspender like operator or partner, got ${shown(by)}`);
  need(["suspended", "lifted"].includes(state), `expected the state suspended or lifted, got ${shown(state)}`);
  return { kind: "suspension", day, partner: reader.name("p"), by, lifted: state === "lifted" };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Relationship}
 */
function relationship(reader, day) {
  reader.name("kind");
  reader.text("band");
  reader.sha256Hex("doc");
  const from = reader.count("from");
  const until = reader.has("until") ? reader.count("until") : Infinity;
  need(from <= until, `expected a last day from ${from} on, got ${until}`);
  return { kind: "relationship", day, partner: reader.name("p") };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @param {Fields} fields
 * @returns {Reconcile}
 */
function reconcile(reader, day, fields) {
  const counts = new Map(Object.entries(reader.object("counts")).map(([pair, count]) => [pair, counted(pair, count)]));
  const whose = { partner: reader.name("p"), size: reader.count("size") };
  return { kind: "reconcile", day, ...whose, counts, ...signed(reader, fields) };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Report}
 */
function report(reader, day) {
  const what = { partner: reader.name("p"), from: reader.count("from"), edition: reader.count("edition") };
  const verdict = reader.string("verdict");
  need(["agrees", "differs", "missing"].includes(verdict), `expected a verdict like agrees, got ${shown(verdict)}`);
  const missing = verdict === "missing";
  // 1969-12-29 is a Monday, and fourteen days from there are the first fortnight.
  need(what.from <= LAST_DAY - 14 && (what.from + 3) % 14 === 0, `expected the first day of a fortnight, got ${what.from}`);
  const tolerance = reader.count("tolerance");
  need(tolerance <= 100, `expected a tolerance of at most 100 %, got ${tolerance}`);
  reader.bytes("ours", 32);
  if (reader.has("theirs")) need(reader.bytes("theirs", 32) && !missing, "expected no table of theirs, got one");
  else need(missing, "expected a table of theirs, got none");
  need((what.edition === 0) === missing, `expected edition 0 where it is missing, and only there, got ${what.edition}`);
  const earliest = what.from + (missing ? 21 : 14);
  need(day >= earliest, `expected day ${earliest} or later for a fortnight ${verdict}, got ${day}`);
  return { kind: "report", day, ...what, verdict };
}

/**
 * @param {Reader} reader
 * @param {number} day
 * @returns {Epoch}
 */
function epoch(reader, day) {
  const over = { size: reader.count("size"), count: reader.count("m") };
  return { kind: "epoch", day, ...over, map: reader.bytes("map", 32), table: reader.bytes("tab", 32) };
}

/**
 * What the partner signs is the canonical form of all fields but `d` and `sig`.
 * @param {Reader} reader
 * @param {Fields} fields
 * @returns {Signed}
 */
function signed(reader, { d, sig, ...rest }) {
  return { keyId: reader.keyId("key"), signed: utf8(encode(rest)), signature: reader.bytes("sig", 64) };
}

/**
 * @param {string} pair `kind/op`
 * @param {unknown} count [events, items]
 * @returns {[number, number]}
 */
function counted(pair, count) {
  const [kind, ...op] = pair.split("/");
  need(isName(kind) && op.length === 1 && isName(op[0]), `expected kind/op, got ${shown(pair)}`);
  need(
    Array.isArray(count) && count.length === 2 && count.every((n) => Number.isSafeInteger(n) && n >= 0),
    `expected [events, items] for ${pair}`,
  );
  return [count[0], count[1]];
}
