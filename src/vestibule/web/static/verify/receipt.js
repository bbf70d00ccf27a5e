// @ts-check
/** Receipts: a C2SP tlog-proof that a leaf is in the log, with the leaf and, for whom it concerns, its opening. */

import { at, equal, fromUtf8, need, shown, unbase64, utf8 } from "./bytes.js";
import { decode } from "./canonical.js";
import { Reader } from "./fields.js";
import { isEvent, parseLeaf } from "./leaf.js";
import { leafHash, needIncluded, rootOf } from "./merkle.js";
import { needAgreement, open } from "./opening.js";
import { readSigned } from "./policy.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Checkpoint } from "./checkpoint.js" */
/** @import { Event, RegisterLeaf } from "./leaf.js" */
/** @import { Private } from "./opening.js" */
/** @import { Policy } from "./policy.js" */
/** @import { Tiles } from "./tiles.js" */

/** @typedef {{index: number, leaf: Event | RegisterLeaf, hidden: Private | null, size: number}} Receipt */

const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_HASHES = 63;

/**
 * Check that a receipt is one of this very log, and that its opening is that of its leaf.
 * @param {Bytes} file
 * @param {Policy} policy
 * @param {Checkpoint} checkpoint the one this log was read under
 * @param {Tiles} tiles
 * @returns {Promise<Receipt>}
 */
export async function readReceipt(file, policy, checkpoint, tiles) {
  const { extra, index, proof, note } = parseProof(fromUtf8(file));
  const theirs = (await readSigned(policy, utf8(note))).checkpoint;
  const reader = new Reader(decode(extra));
  const version = reader.integer("v");
  need(version === 1, `expected version 1, got ${version}`);
  const entry = utf8(reader.string("leaf"));
  needIncluded({ leaf: leafHash(entry), index, size: theirs.size, proof, root: theirs.root });
  need(theirs.size <= checkpoint.size, `it is of ${theirs.size} entries, more than the ${checkpoint.size} read here`);
  const root = await rootOf(theirs.size, (level, node) => tiles.node(level, node));
  need(equal(root, theirs.root), `two different logs were signed: the receipt's ${theirs.size} entries have another root`);
  const leaf = parseLeaf(entry);
  return { index, leaf, hidden: readOpening(reader, leaf), size: theirs.size };
}

/**
 * @param {string} text
 * @returns {{extra: Bytes, index: number, proof: Bytes[], note: string}}
 */
function parseProof(text) {
  const blank = text.indexOf("\n\n");
  const [header, extra, index, ...hashes] = text.slice(0, Math.max(blank, 0)).split("\n");
  need(header === HEADER, `expected ${HEADER} on the first line, got ${shown(header)}`);
  need(extra?.startsWith("extra "), "expected an extra line, which has the leaf");
  const found = /^index (0|[1-9][0-9]{0,9})$/.exec(index ?? "");
  need(found, `expected an index line, got ${shown(index ?? "")}`);
  need(hashes.length <= MOST_HASHES, `expected at most ${MOST_HASHES} hashes, got ${hashes.length}`);
  const proof = hashes.map((hash) => unbase64(hash));
  need(proof.every((hash) => hash.length === 32), "expected hashes of 32 bytes");
  return { extra: unbase64(extra.slice("extra ".length)), index: Number(found[1]), proof, note: text.slice(blank + 2) };
}

/**
 * @param {Reader} reader over the extra line, which nobody signed: believed as far as leaf and commitment bear it out
 * @param {Event | RegisterLeaf} leaf
 * @returns {Private | null}
 */
function readOpening(reader, leaf) {
  if (!isEvent(leaf) || !reader.has("private")) return null;
  try {
    const hidden = open(leaf, reader.bytes("r", 32), utf8(reader.string("private")));
    if (reader.has("lane_key")) needAgreement(hidden, leaf, reader.bytes("lane_key", 32));
    return hidden;
  } catch (error) {
    throw at("its opening", error);
  }
}
