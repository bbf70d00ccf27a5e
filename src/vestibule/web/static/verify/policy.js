// @ts-check
/**
 * Policies: which log, which witnesses, how many of them make a checkpoint count (C2SP tlog-policy).
 *
 * Two kinds of comment line say more: `# run-by WITNESS WHO`, and `# mode synchronous|asynchronous`. A witness that
 * the platform runs itself, or whose name has the log's own host, counts as zero.
 */

import { fromUtf8, hex, need, shown, at } from "./bytes.js";
import { parseCheckpoint } from "./checkpoint.js";
import { COSIGNATURE, ED25519, parseKey, parseNote, timesSignedBy } from "./note.js";
import { sha256 } from "./sha256.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Checkpoint } from "./checkpoint.js" */
/** @import { VerifierKey } from "./note.js" */

/** @typedef {{name: string, key: VerifierKey}} Witness */
/** @typedef {{name: string, threshold: number, members: string[]}} Group */

/** Members of this group promise more than a witness: to have replayed the log and found no breach. */
const AUDITORS = "auditors";
/** Who runs a key that counts as zero. */
const PLATFORM = "platform";
const MODES = ["synchronous", "asynchronous"];

/**
 * @typedef {object} Policy
 * @property {VerifierKey} log its name is the log's origin
 * @property {Witness[]} witnesses
 * @property {Group[]} groups each after its members
 * @property {string} quorum a witness, a group, or "none"
 * @property {Map<string, string>} runBy who runs a witness, as the policy says
 * @property {string} mode how the operator says it waits for witnesses; empty if not said
 * @property {string} digest hex SHA-256 of the file
 */

/**
 * @typedef {object} Cosignature
 * @property {string} witness its name in the policy
 * @property {string} runBy
 * @property {number} time seconds since 1970
 * @property {boolean} counts false for a witness of the platform's own
 * @property {boolean} auditor whether it promises to have replayed the log
 */

/**
 * @typedef {object} Signed a checkpoint that the log signed
 * @property {Checkpoint} checkpoint
 * @property {Cosignature[]} cosignatures by witnesses of the policy
 * @property {boolean} quorate whether those that count make the quorum
 * @property {number} attested the newest time that the quorum vouches for, in seconds since 1970; 0 for none
 */

/**
 * @param {Bytes} file
 * @returns {Policy}
 */
export function parsePolicy(file) {
  const text = fromUtf8(file);
  need(!/[\x00-\x08\x0b-\x1f\x7f]/.test(text), "expected no control characters but tab and newline");
  const draft = new Draft();
  text.split("\n").forEach((line, i) => {
    try {
      draft.read(line.split(/[ \t]+/).filter((word) => word !== ""));
    } catch (error) {
      throw at(`line ${i + 1}`, error);
    }
  });
  need(draft.logs.length === 1, `expected one log line, got ${draft.logs.length}`);
  need(draft.quorum !== "", "expected one quorum line, got none");
  for (const name of draft.runBy.keys()) need(draft.cosigners.has(name), `expected run-by of a witness, got ${shown(name)}`);
  const { logs, witnesses, groups, quorum, runBy, mode } = draft;
  return { log: logs[0], witnesses, groups, quorum, runBy, mode, digest: hex(sha256(file)) };
}

/**
 * Check a checkpoint: the log's signature, its origin, every cosignature of a witness of the policy.
 * @param {Policy} policy
 * @param {Bytes} data the note
 * @returns {Promise<Signed>}
 */
export async function readSigned(policy, data) {
  const note = parseNote(data);
  const signed = await timesSignedBy(note, policy.log);
  need(signed.length > 0, `expected a signature by the log ${policy.log.name}, got none`);
  const checkpoint = parseCheckpoint(note.text);
  need(
    checkpoint.origin === policy.log.name,
    `expected origin ${policy.log.name}, got ${checkpoint.origin}`,
  );
  /** @type {Cosignature[]} */
  const cosignatures = [];
  for (const witness of policy.witnesses) {
    const times = await timesSignedBy(note, witness.key);
    if (times.length > 0) cosignatures.push(cosignature(policy, witness, Math.max(...times)));
  }
  const counted = cosignatures.filter(({ counts }) => counts);
  const auditors = auditorsAmong(policy, counted);
  for (const one of counted) one.auditor = auditors.has(one.witness);
  return { checkpoint, cosignatures, quorate: satisfied(policy, counted), attested: attested(policy, counted) };
}

/**
 * @param {Policy} policy
 * @param {Witness} witness
 * @param {number} time
 * @returns {Cosignature}
 */
function cosignature(policy, { name, key }, time) {
  const runBy = policy.runBy.get(name) ?? "not said";
  const host = (/** @type {string} */ name) => name.split("/")[0].toLowerCase();
  const counts = runBy !== PLATFORM && host(key.name) !== host(policy.log.name);
  return { witness: name, runBy, time, counts, auditor: false };
}

/**
 * Those who may be called auditors: members of the group of that name, once its own threshold is met.
 * @param {Policy} policy
 * @param {Cosignature[]} counted
 */
function auditorsAmong(policy, counted) {
  /** @type {Set<string>} */
  const names = new Set();
  if (!policy.groups.some(({ name }) => name === AUDITORS) || !satisfied(policy, counted, AUDITORS)) return names;
  names.add(AUDITORS);
  for (const { name, members } of policy.groups.toReversed()) {
    if (names.has(name)) members.forEach((member) => names.add(member));
  }
  return names;
}

/**
 * @param {Policy} policy
 * @param {Cosignature[]} counted
 * @param {string} quorum
 */
function satisfied(policy, counted, quorum = policy.quorum) {
  const seen = new Set(["none", ...counted.map(({ witness }) => witness)]);
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => seen.has(member)).length >= threshold) seen.add(name);
  }
  return seen.has(quorum);
}

/**
 * The largest time such that those who signed then or later still make the quorum.
 * @param {Policy} policy
 * @param {Cosignature[]} counted
 */
function attested(policy, counted) {
  if (policy.quorum === "none") return 0;
  const times = counted.map(({ time }) => time).sort((one, other) => other - one);
  return times.find((since) => satisfied(policy, counted.filter(({ time }) => time >= since))) ?? 0;
}

/** A policy while its lines are read. */
class Draft {
  /** @type {VerifierKey[]} */ logs = [];
  /** @type {Witness[]} */ witnesses = [];
  /** @type {Group[]} */ groups = [];
  /** @type {Map<string, string>} */ runBy = new Map();
  quorum = "";
  mode = "";
  names = new Set(["none"]);
  cosigners = new Set();
  members = new Set();
  publicKeys = new Set();

  /** @param {string[]} words */
  read([kind, ...words]) {
    if (kind === undefined) return;
    if (kind === "#" && words[0] === "run-by" && words.length > 2) this.sayRunBy(words[1], words.slice(2).join(" "));
    else if (kind === "#" && words[0] === "mode" && words.length === 2 && MODES.includes(words[1])) this.sayMode(words[1]);
    else if (kind.startsWith("#")) return;
    else if (kind === "log" && words.length >= 1 && words.length <= 2) this.logs.push(this.key(words[0], [ED25519]));
    else if (kind === "witness" && words.length >= 2 && words.length <= 3) this.witness(words[0], words[1]);
    else if (kind === "group" && words.length >= 3) this.group(words[0], words[1], words.slice(2));
    else if (kind === "quorum" && words.length === 1) this.setQuorum(words[0]);
    else need(false, `expected a log, witness, group or quorum line, got ${shown(kind)}`);
  }

  /**
   * @param {string} name
   * @param {string} who
   */
  sayRunBy(name, who) {
    need(!this.runBy.has(name), `expected one run-by of ${shown(name)}, got a second`);
    this.runBy.set(name, who.toLowerCase() === PLATFORM ? PLATFORM : who);
  }

  /** @param {string} said */
  sayMode(said) {
    need(this.mode === "", "expected one mode, got a second");
    this.mode = said;
  }

  /**
   * A key this page cannot check (another signature type) stays in the policy and never cosigns.
   * @param {string} name
   * @param {string} vkey
   */
  witness(name, vkey) {
    const key = this.key(vkey, null);
    this.define(name);
    this.cosigners.add(name);
    if (key.type === COSIGNATURE) this.witnesses.push({ name, key });
    else need(key.type !== ED25519, `expected a cosigner's key for ${name}, got a plain one`);
  }

  /**
   * @param {string} name
   * @param {string} rule
   * @param {string[]} members
   */
  group(name, rule, members) {
    for (const member of members) {
      need(this.names.has(member) && member !== "none", `expected a member defined before, got ${shown(member)}`);
      need(!this.members.has(member), `${shown(member)} is a member of a group already`);
      this.members.add(member);
    }
    const threshold = rule === "all" ? members.length : rule === "any" ? 1 : Number(rule);
    need(
      /^(?:all|any|[1-9][0-9]{0,4})$/.test(rule) && threshold <= members.length,
      `expected a threshold from 1 to ${members.length}, got ${shown(rule)}`,
    );
    this.define(name);
    this.groups.push({ name, threshold, members });
  }

  /** @param {string} name */
  setQuorum(name) {
    need(this.quorum === "", "expected one quorum line, got a second");
    need(this.names.has(name), `expected a name defined before, got ${shown(name)}`);
    this.quorum = name;
  }

  /** @param {string} name */
  define(name) {
    need(!this.names.has(name), `expected a new name, got ${shown(name)}`);
    this.names.add(name);
  }

  /**
   * The same key under two names would let one signature count twice.
   * @param {string} vkey
   * @param {number[] | null} types
   */
  key(vkey, types) {
    const key = parseKey(vkey);
    need(types === null || types.includes(key.type), `expected a log's key, got signature type ${key.type}`);
    const publicKey = hex(key.publicKey);
    need(!this.publicKeys.has(publicKey), `the public key of ${key.name} is in the policy already`);
    this.publicKeys.add(publicKey);
    return key;
  }
}
