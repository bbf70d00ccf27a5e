// @ts-check
/** Getting the log's files from the server, and every entry of the log, checked twice over against the signed root. */

import { Refusal, equal, hex, need } from "./bytes.js";
import { Frontier, leafHash } from "./merkle.js";
import { WIDTH, decodeBundle, fetchCut, widthOf } from "./tiles.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Checkpoint } from "./checkpoint.js" */
/** @import { FetchFile, Tiles } from "./tiles.js" */

/** Files asked for at the same time. */
const AHEAD = 8;
/** Milliseconds that a file may take. */
const PATIENCE = 60_000;
const MISSING = [404, 410];

/**
 * @param {string} base the log's address
 * @returns {FetchFile}
 */
export function filesUnder(base) {
  return async (path) => {
    const cache = path.startsWith("tile/") ? "default" : "no-store";
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(`${base}/${path}`, { cache, signal }).catch((error) => {
      throw new Refusal(`${path}: cannot be fetched: ${error.message}`);
    });
    if (MISSING.includes(answer.status)) return null;
    need(answer.ok, `${path}: expected status 200, got ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
}

/**
 * Read every entry, and hand each on once its hash is the one in the tiles under the signed root. After the last, the
 * root is computed again over all entries.
 * @param {FetchFile} fetchFile
 * @param {Tiles} tiles
 * @param {Checkpoint} checkpoint
 * @param {(entry: Bytes) => Promise<void> | undefined} take
 * @param {(done: number) => void} progress
 */
export async function readEntries(fetchFile, tiles, checkpoint, take, progress) {
  const tree = new Frontier();
  for await (const bundle of bundles(fetchFile, tiles, checkpoint.size)) {
    for (const [i, entry] of bundle.entries.entries()) {
      const hash = leafHash(entry);
      need(equal(hash, bundle.hashes[i]), `${bundle.path}, entry ${i}: expected leaf hash ${hex(bundle.hashes[i])}, got ${hex(hash)}`);
      tree.append(hash);
      const pending = take(entry);
      if (pending) await pending;
    }
    progress(tree.size);
  }
  const root = tree.root();
  need(equal(root, checkpoint.root), `the ${tree.size} entries have root ${hex(root)}, expected ${hex(checkpoint.root)}`);
}

/**
 * @param {FetchFile} fetchFile
 * @param {Tiles} tiles
 * @param {number} size
 */
async function* bundles(fetchFile, tiles, size) {
  /** @type {Promise<{path: string, entries: Bytes[], hashes: Bytes[]}>[]} */
  const asked = [];
  const count = Math.ceil(size / WIDTH);
  for (let index = 0; index < count; index++) {
    while (asked.length < Math.min(AHEAD, count - index)) {
      const next = bundle(fetchFile, tiles, size, index + asked.length);
      next.catch(() => undefined); // it is awaited below, unless an earlier one ended everything
      asked.push(next);
    }
    yield /** @type {(typeof asked)[0]} */ (asked.shift());
  }
}

/**
 * @param {FetchFile} fetchFile
 * @param {Tiles} tiles
 * @param {number} size
 * @param {number} index
 */
async function bundle(fetchFile, tiles, size, index) {
  const width = widthOf(size, index);
  const [{ data, path, held }, rows] = await Promise.all([
    fetchCut(fetchFile, "entries", index, width),
    tiles.rows(0, index),
  ]);
  return { path, entries: decodeBundle(data, held, path).slice(0, width), hashes: rows[0] };
}
