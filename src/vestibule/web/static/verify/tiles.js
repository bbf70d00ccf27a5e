// @ts-check
/** The log's static files: entry bundles and hash tiles (C2SP tlog-tiles), every hash checked against the root. */

import { equal, hex, need } from "./bytes.js";
import { nodeHash, rootOf } from "./merkle.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Checkpoint } from "./checkpoint.js" */

/** Gives a file of the log by its path, null if there is none.
 * @typedef {(path: string) => Promise<Bytes | null>} FetchFile */
/** A tile's hashes and, row by row, the complete nodes above them.
 * @typedef {Bytes[][]} Rows */

export const WIDTH = 256;
const HEIGHT = 8;

/**
 * @param {string} kind a tile level, or `entries`
 * @param {number} index
 * @param {number} width
 */
export function tilePath(kind, index, width) {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return `tile/${kind}/${path}${width === WIDTH ? "" : `.p/${width}`}`;
}

/**
 * Read exactly `width` entries, each after its length in two bytes.
 * @param {Bytes} data
 * @param {number} width
 * @param {string} path
 * @returns {Bytes[]}
 */
export function decodeBundle(data, width, path) {
  /** @type {Bytes[]} */
  const entries = [];
  let position = 0;
  for (let number = 0; number < width; number++) {
    const start = position + 2;
    const end = start + ((data[position] << 8) | data[position + 1]);
    need(start <= data.length && end <= data.length, `${path}: ends within entry ${number} of ${width}`);
    entries.push(data.subarray(start, end));
    position = end;
  }
  need(position === data.length, `${path}: expected ${position} bytes for ${width} entries, got ${data.length}`);
  return entries;
}

/** Reads a log under one checkpoint, and gives out only what its root covers. */
export class Tiles {
  #fetch;
  #size;
  /** @type {Map<string, Promise<Rows>>} */
  #known = new Map();

  /**
   * @param {FetchFile} fetch
   * @param {number} size
   */
  constructor(fetch, size) {
    this.#fetch = fetch;
    this.#size = size;
  }

  /**
   * The partial tiles on the right edge make up the root, so that one comparison vouches for all of them; every
   * other tile is compared with its hash in the tile above when it is read.
   * @param {FetchFile} fetch
   * @param {Checkpoint} checkpoint
   * @returns {Promise<Tiles>}
   */
  static async open(fetch, checkpoint) {
    const tiles = new Tiles(fetch, checkpoint.size);
    const root = await rootOf(checkpoint.size, (level, index) => tiles.node(level, index));
    need(
      equal(root, checkpoint.root),
      `the hash tiles have root ${hex(root)}, expected ${hex(checkpoint.root)}: they are not those of this checkpoint`,
    );
    return tiles;
  }

  /**
   * @param {number} level of the tree
   * @param {number} index
   * @returns {Promise<Bytes>}
   */
  async node(level, index) {
    const within = level % HEIGHT;
    const rows = await this.rows((level - within) / HEIGHT, Math.floor(index / (WIDTH >> within)));
    return rows[within][index % (WIDTH >> within)];
  }

  /**
   * @param {number} tileLevel
   * @param {number} index
   * @returns {Promise<Rows>}
   */
  rows(tileLevel, index) {
    const key = `${tileLevel}/${index}`;
    const known = this.#known.get(key) ?? this.#read(tileLevel, index);
    if (tileLevel > 0) this.#known.set(key, known); // those of level 0 are read once each, and are many
    return known;
  }

  /**
   * @param {number} tileLevel
   * @param {number} index
   * @returns {Promise<Rows>}
   */
  async #read(tileLevel, index) {
    const width = widthOf(this.#size >> (HEIGHT * tileLevel), index);
    const rows = rowsOver(await this.#hashes(tileLevel, index, width));
    if (width === WIDTH) {
      const above = await this.node(HEIGHT * (tileLevel + 1), index);
      const path = tilePath(String(tileLevel), index, width);
      need(equal(rows[HEIGHT][0], above), `${path}: expected a tile under the signed root, got another`);
    }
    return rows;
  }

  /**
   * @param {number} tileLevel
   * @param {number} index
   * @param {number} width
   * @returns {Promise<Bytes[]>}
   */
  async #hashes(tileLevel, index, width) {
    const { data, path, held } = await fetchCut(this.#fetch, String(tileLevel), index, width);
    need(data.length === held * 32, `${path}: expected ${held * 32} bytes, got ${data.length}`);
    return Array.from({ length: width }, (_, i) => data.subarray(32 * i, 32 * i + 32));
  }
}

/**
 * Fetch a file of `width` items, or else the full one: a log may delete a partial file in time.
 * @param {FetchFile} fetch
 * @param {string} kind
 * @param {number} index
 * @param {number} width
 */
export async function fetchCut(fetch, kind, index, width) {
  for (const held of new Set([width, WIDTH])) {
    const path = tilePath(kind, index, held);
    const data = await fetch(path);
    if (data !== null) return { data, path, held };
  }
  need(false, `${tilePath(kind, index, width)}: expected a file, got none`);
}

/**
 * @param {number} count items in all files of a kind
 * @param {number} index of the file
 */
export function widthOf(count, index) {
  return Math.min(WIDTH, count - index * WIDTH);
}

/**
 * @param {Bytes[]} hashes
 * @returns {Rows}
 */
function rowsOver(hashes) {
  const rows = [hashes];
  for (let height = 0; height < HEIGHT; height++) {
    const below = rows[height];
    rows.push(Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i], below[2 * i + 1])));
  }
  return rows;
}
