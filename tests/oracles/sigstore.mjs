// Lets @sigstore/verify judge tlog-proof files against a folder of published files, which it reads by itself.
// Usage: node sigstore.mjs NODE_MODULES LOG_FOLDER VKEY PROOFS_FOLDER; prints {file: null or what it said}.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, log, vkey, proofs] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require(join(modules, '@sigstore/verify/dist/tlog/checkpoint.js'));
const { verifyMerkleInclusion } = require(join(modules, '@sigstore/verify/dist/tlog/merkle.js'));

const SPKI_OF_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

function trusted(text) {
  const [name, , ...encoded] = text.split('+');
  const material = Buffer.from(encoded.join('+'), 'base64');
  const der = Buffer.concat([SPKI_OF_ED25519, material.subarray(1)]);
  return {
    baseURL: name,
    logID: createHash('sha256').update(`${name}\n`).update(material).digest(),
    publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }),
  };
}

function bundlePath(number, width) {
  const digits = String(number).padStart(Math.ceil(String(number).length / 3) * 3, '0');
  const groups = digits.match(/.../g).map((group, at, all) => (at < all.length - 1 ? `x${group}` : group));
  return `tile/entries/${groups.join('/')}${width < 256 ? `.p/${width}` : ''}`;
}

function entry(index, size) {
  const number = Math.floor(index / 256);
  const bundle = readFileSync(join(log, bundlePath(number, Math.min(256, size - number * 256))));
  let at = 0;
  for (let skipped = index % 256; skipped > 0; skipped -= 1) at += 2 + bundle.readUInt16BE(at);
  return bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at));
}

function judge(text, tlogs) {
  const split = text.indexOf('\n\n');
  const [, indexLine, ...hashes] = text.slice(0, split).split('\n');
  const index = indexLine.slice('index '.length);
  const inclusionProof = {
    logIndex: index,
    hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: { envelope: text.slice(split + 2) },
  };
  const checkpoint = verifyCheckpoint({ inclusionProof }, tlogs);
  const canonicalizedBody = entry(Number(index), Number(checkpoint.logSize));
  verifyMerkleInclusion({ inclusionProof, canonicalizedBody }, checkpoint);
}

const tlogs = [trusted(vkey)];
const said = {};
for (const file of readdirSync(proofs)) {
  try {
    judge(readFileSync(join(proofs, file), 'utf-8'), tlogs);
    said[file] = null;
  } catch (error) {
    said[file] = error.message;
  }
}
console.log(JSON.stringify(said));
