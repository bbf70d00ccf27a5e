// @ts-check
/**
 * The check itself, off the page's own thread so that the page stays responsive: one step after the other, each
 * reported as it ends. It stops at the first that fails, for what follows would rest on it.
 */

import { Refusal, at, fromUtf8, need, utf8 } from "./bytes.js";
import { filesUnder, readEntries } from "./files.js";
import { compareWithSeen, findWitnessed, readNewest } from "./head.js";
import { readHistory } from "./history.js";
import { parsePersonFile } from "./person.js";
import { parsePolicy, readSigned } from "./policy.js";
import { readReceipt } from "./receipt.js";
import { Replay } from "./replay.js";
import { Tiles } from "./tiles.js";
import { loadCurve } from "./vrf.js";
import * as words from "./words.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Head } from "./head.js" */
/** @import { Log } from "./lane.js" */
/** @import { PartnerHistory } from "./history.js" */
/** @import { Policy } from "./policy.js" */
/** @import { Row } from "./totals.js" */
/** @import { FetchFile } from "./tiles.js" */

/**
 * @typedef {object} Start what the page asks for
 * @property {string} base the log's address
 * @property {Bytes | null} policy the visitor's own, null for the platform's
 * @property {Bytes | null} person her file
 * @property {Bytes | null} receipt
 * @property {Record<string, string>} seen by log key, the note this browser saw last
 * @property {boolean} curve whether this installation has the curve arithmetic
 */
/** @typedef {"keys" | "signature" | "memory" | "witnesses" | "entries" | "rules" | "time" | "receipt" | "history"} StepName */
/** @typedef {{kind: "step", name: StepName, state: "good" | "bad" | "not checked", lines: string[]}} Step */
/**
 * @template T
 * @typedef {[T, string[], ("good" | "not checked")?]} Outcome of a step: result, lines, and whether there was anything to check
 */
/** @typedef {{kind: "seen", vkey: string, note: string}} Seen a note that continues the one seen before */
/** @typedef {{kind: "size", size: number}} Size of the log that is to be read, once the page says `go` */
/** @typedef {{kind: "evidence", notes: string[]}} Evidence signed notes that contradict each other, or may */
/** @typedef {{kind: "progress", what: string, done: number, total: number}} Progress */
/** @typedef {{kind: "totals", rows: Row[]}} TotalsRead */
/** @typedef {{kind: "history", histories: PartnerHistory[]}} HistoryRead */
/** @typedef {{kind: "end"} | {kind: "broken", message: string}} End */
/** @typedef {Step | Seen | Size | Evidence | Progress | TotalsRead | HistoryRead | End} Message */

/** Milliseconds between two reports of progress. */
const PROGRESS = 100;
/** A log may be this many days older than now before it is called out. */
const STALE_DAYS = 2;

class Stopped extends Error {}

const post = (/** @type {Message} */ message) => self.postMessage(message);

/** @type {() => void} */
let go = () => undefined;
const allowed = new Promise((resolve) => (go = () => resolve(undefined)));

self.onmessage = ({ data }) => {
  if (data === "go") go();
  else
    check(data).catch((error) => {
      if (error instanceof Stopped) post({ kind: "end" });
      else post({ kind: "broken", message: String(error?.stack ?? error) });
    });
};

/** @param {Start} start */
async function check(start) {
  const fetchFile = filesUnder(start.base);
  const policy = await readPolicy(fetchFile, start.policy);
  const head = await readHead(fetchFile, policy, start.seen);
  await allowed;
  const log = await readLog(fetchFile, policy, head);
  post({ kind: "totals", rows: log.replay.commitments.totals.rows() });
  if (start.receipt !== null) await checkReceipt(start.receipt, policy, head);
  await readPerson(start, log);
  post({ kind: "end" });
}

/**
 * @param {FetchFile} fetchFile
 * @param {Bytes | null} own
 */
function readPolicy(fetchFile, own) {
  return step("keys", async () => {
    need(self.isSecureContext, "expected https or this very machine: browsers give no cryptography to other pages");
    const file = own ?? (await fetchFile("policy"));
    need(file !== null, "policy: expected a file, got none");
    const policy = parsePolicy(file);
    return [policy, words.keys(policy, own !== null)];
  });
}

/**
 * @param {FetchFile} fetchFile
 * @param {Policy} policy
 * @param {Record<string, string>} seen
 * @returns {Promise<Head>}
 */
async function readHead(fetchFile, policy, seen) {
  const newest = await step("signature", async () => {
    const { note, signed } = await readNewest(fetchFile, policy);
    const { origin, size } = signed.checkpoint;
    return [{ note, signed }, [`${origin}, ${size} entries, signed by the log's key.`]];
  });
  const { checkpoint } = newest.signed;
  const note = fromUtf8(newest.note);
  const before = Object.hasOwn(seen, policy.log.vkey) ? seen[policy.log.vkey] : null;
  const tiles = await step("memory", async () => {
    const known = before === null ? null : await rememberedCheckpoint(policy, before);
    const opened = await Tiles.open(fetchFile, checkpoint);
    const line = await compareWithSeen(opened, checkpoint, known);
    return [opened, [line], known === null ? "not checked" : "good"];
  }).catch((error) => {
    if (before !== null) post({ kind: "evidence", notes: [before, note] });
    throw error;
  });
  post({ kind: "seen", vkey: policy.log.vkey, note });
  const head = await step("witnesses", async () => {
    const found = await findWitnessed(fetchFile, policy, { ...newest, tiles });
    return [found, words.witnesses(policy, found.signed), policy.quorum === "none" ? "not checked" : "good"];
  });
  post({ kind: "size", size: head.signed.checkpoint.size });
  return head;
}

/**
 * @param {Policy} policy
 * @param {string} note
 */
async function rememberedCheckpoint(policy, note) {
  try {
    return (await readSigned(policy, utf8(note))).checkpoint;
  } catch (error) {
    throw at("the checkpoint that this browser remembers", error);
  }
}

/**
 * @param {FetchFile} fetchFile
 * @param {Policy} policy
 * @param {Head} head
 * @returns {Promise<Log>}
 */
async function readLog(fetchFile, policy, { signed: { checkpoint, attested }, tiles }) {
  const replay = new Replay();
  /** @type {Bytes[]} */
  const entries = [];
  const { size } = checkpoint;
  const told = teller("Reading entries");
  await step("entries", async () => {
    const take = (/** @type {Bytes} */ entry) => {
      entries.push(entry);
      return replay.add(entry);
    };
    await readEntries(fetchFile, tiles, checkpoint, take, (done) => told(done, size));
    replay.commitments.finish();
    return [null, [`All ${size} entries were read; together they have the signed root.`]];
  });
  const genesis = await step("rules", async () => {
    const found = words.breaches(replay);
    need(found.length === 0, found.join("\n"));
    const { genesis: first } = replay;
    need(
      first && first.origin === policy.log.name && first.log === policy.log.vkey,
      `entry 0: expected the log ${policy.log.vkey}, got ${first?.log ?? "none"}`,
    );
    return [first, words.rules(replay)];
  });
  await checkTime(replay, attested);
  return { origin: genesis.origin, vrf: genesis.vrf, entries, replay };
}

/**
 * Days can only be held against a time that somebody else attests, or else against this machine's clock.
 * @param {Replay} replay
 * @param {number} attested
 */
function checkTime(replay, attested) {
  return step("time", async () => {
    const now = Math.floor(Date.now() / 86400000);
    const known = attested > 0 ? Math.floor(attested / 86400) : now;
    const whose = attested > 0 ? "the witnesses' time" : "this machine's clock";
    need(replay.day <= known + 1, `the last entry is of ${words.date(replay.day)}, after ${whose}, ${words.date(known)}`);
    const age = now - (attested > 0 ? known : replay.day);
    if (age <= STALE_DAYS) return [null, [`The last entry is of ${words.date(replay.day)}, not after ${whose}.`]];
    const old = `The newest state is ${age} days old. An honest platform adds at least an epoch a day: it was down, or an old state is passed off as now.`;
    return [null, [old], "not checked"];
  });
}

/**
 * @param {Bytes} file
 * @param {Policy} policy
 * @param {Head} head
 */
function checkReceipt(file, policy, { signed: { checkpoint }, tiles }) {
  return step("receipt", async () => [null, words.receipt(await readReceipt(file, policy, checkpoint, tiles))]);
}

/**
 * @param {Start} start
 * @param {Log} log
 */
async function readPerson(start, log) {
  const { person: file } = start;
  if (file === null) return;
  if (!start.curve) {
    const lines = ["This installation lacks the curve arithmetic for the VRF. Check with the command below instead."];
    post({ kind: "step", name: "history", state: "not checked", lines });
    return;
  }
  const told = teller("Looking for your events");
  await step("history", async () => {
    const curve = await loadCurve();
    const histories = await readHistory(curve, log, parsePersonFile(file), told);
    post({ kind: "history", histories });
    const wrong = histories.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
    need(wrong.length === 0, wrong.join("\n"));
    const newer = histories.flatMap(({ events }) => events).filter(({ opened }) => !opened).length;
    if (newer === 0) return [null, ["Proofs, openings and counters hold for every partner on the register, in both lanes."]];
    const lines = [`Proofs and counters hold, but your file does not open ${newer} of your events: download a newer one.`];
    return [null, lines, "not checked"];
  });
}

/**
 * Run a step and report it; what it refuses ends the check.
 * @template T
 * @param {StepName} name
 * @param {() => Promise<Outcome<T>>} run
 * @returns {Promise<T>}
 */
async function step(name, run) {
  try {
    const [found, lines, state = "good"] = await run();
    post({ kind: "step", name, state, lines });
    return found;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    post({ kind: "step", name, state: "bad", lines: error.message.split("\n") });
    throw new Stopped();
  }
}

/** @param {string} what */
function teller(what) {
  let last = 0;
  return (/** @type {number} */ done, /** @type {number} */ total) => {
    if (done < total && performance.now() - last < PROGRESS) return;
    last = performance.now();
    post({ kind: "progress", what, done, total });
  };
}
