// @ts-check
/** The newest checkpoint: signed by whom, attested by whom, and grown out of the one this browser saw before. */

import { equal, hex, need } from "./bytes.js";
import { rootOf } from "./merkle.js";
import { readSigned } from "./policy.js";
import { Tiles } from "./tiles.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Checkpoint } from "./checkpoint.js" */
/** @import { Policy, Signed } from "./policy.js" */
/** @import { FetchFile } from "./tiles.js" */

/** @typedef {{note: Bytes, signed: Signed, tiles: Tiles}} Head */

/**
 * Fetch the newest checkpoint; it must bear the log's signature.
 * @param {FetchFile} fetchFile
 * @param {Policy} policy
 * @returns {Promise<{note: Bytes, signed: Signed}>}
 */
export async function readNewest(fetchFile, policy) {
  return named(fetchFile, policy, "checkpoint");
}

/**
 * Compare with the checkpoint this browser saw last time.
 * @param {Tiles} tiles those of the newest
 * @param {Checkpoint} newest
 * @param {Checkpoint | null} seen
 * @returns {Promise<string>} what was found; refuses a log that shrank or was rewritten
 */
export async function compareWithSeen(tiles, newest, seen) {
  if (seen === null) return "This browser has not seen this log before: it remembers this state from now on.";
  need(
    newest.size >= seen.size,
    `this browser was shown ${seen.size} entries before, and now a checkpoint of ${newest.size}: ` +
      "an old state is passed off as the newest, or entries were taken away",
  );
  await needGrownFrom(tiles, newest, seen, "the state this browser was shown before");
  const grown = newest.size - seen.size;
  return grown === 0
    ? "It is the state this browser was shown last time."
    : `It only adds ${grown} entries to the ${seen.size} that this browser was shown last time.`;
}

/**
 * Find the checkpoint to answer from: the newest, or where its cosignatures are too few, the newest with enough.
 * @param {FetchFile} fetchFile
 * @param {Policy} policy
 * @param {Head} newest
 * @returns {Promise<Head>}
 */
export async function findWitnessed(fetchFile, policy, newest) {
  if (newest.signed.quorate) return newest;
  const { note, signed } = await named(fetchFile, policy, "checkpoint.witnessed");
  const names = signed.cosignatures.filter(({ counts }) => counts).map(({ witness }) => witness);
  need(signed.quorate, `expected the quorum ${policy.quorum}, got cosignatures that count by ${names.join(", ") || "nobody"}`);
  const { checkpoint } = signed;
  if (checkpoint.size > newest.signed.checkpoint.size) {
    // The log grew, and its witnesses answered, between the two requests.
    const tiles = await Tiles.open(fetchFile, checkpoint);
    await needGrownFrom(tiles, checkpoint, newest.signed.checkpoint, "the newest checkpoint a moment before");
    return { note, signed, tiles };
  }
  await needGrownFrom(newest.tiles, newest.signed.checkpoint, checkpoint, "the witnessed checkpoint");
  return { note, signed, tiles: await Tiles.open(fetchFile, checkpoint) };
}

/**
 * @param {FetchFile} fetchFile
 * @param {Policy} policy
 * @param {string} name
 */
async function named(fetchFile, policy, name) {
  const note = await fetchFile(name);
  need(note !== null, `${name}: expected a signed checkpoint, got none`);
  return { note, signed: await readSigned(policy, note) };
}

/**
 * The tiles are those of the newest root, so the root over the first leaves is computed from what it covers.
 * @param {Tiles} tiles
 * @param {Checkpoint} newest
 * @param {Checkpoint} older
 * @param {string} what
 */
async function needGrownFrom(tiles, newest, older, what) {
  const root = await rootOf(older.size, (level, index) => tiles.node(level, index));
  need(
    equal(root, older.root),
    `two different logs were signed: the first ${older.size} entries of ${newest.size} have root ${hex(root)}, ` +
      `but ${what} has ${hex(older.root)}`,
  );
}
