// @ts-check
/** The words of every result, in one place: never more than was checked. */

/** @import { PartnerHistory } from "./history.js" */
/** @import { Policy, Signed } from "./policy.js" */
/** @import { Receipt } from "./receipt.js" */
/** @import { Replay } from "./replay.js" */

const SECONDS_A_DAY = 86400;
/** Breaches named one by one; the rest is counted. */
const MOST_NAMED = 50;

/** @type {Record<string, string>} */
const DID = {
  grant: "you let it in for {op}",
  end: "your permission for {op} ended",
  access: "it was given {n} of yours ({op})",
  exposure: "it was given {n} that carry something of you, through somebody else's connection ({op})",
  send: "it sent {n} as you ({op})",
  delete: "it deleted {n} of yours ({op})",
  refusal: "it asked for {op} and was refused",
  notify: "it was told of {op} about you",
};
const BY_STAFF = "it was shown {n} of a conversation of yours ({op})";
const BY_DIALOG = "somebody sent you a card through its dialog; it learned nothing of you";

/** @param {number} day UTC days since 1970 */
export function date(day) {
  return moment(day * SECONDS_A_DAY).slice(0, 10);
}

/** @param {number} seconds since 1970 */
export function moment(seconds) {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `${seconds} s after 1970` : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * @param {number} number
 * @param {string} one
 */
export function counted(number, one) {
  return `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
}

/** @param {number} number */
function times(number) {
  return number === 1 ? "once" : `${number.toLocaleString("en")} times`;
}

/**
 * @param {Policy} policy
 * @param {boolean} own whether the visitor chose the file
 */
export function keys(policy, own) {
  const whose = own ? "Keys chosen by you, from your own file." : "Keys chosen by the operator: this policy is the platform's own.";
  return [whose, `Log key ${policy.log.vkey}`, `SHA-256 of the policy ${policy.digest}`];
}

/**
 * @param {Policy} policy
 * @param {Signed} signed
 */
export function witnesses(policy, { cosignatures, attested }) {
  const lines = cosignatures.map(
    ({ witness, runBy, time, counts, auditor }) =>
      `${auditor ? "Auditor" : "Witness"} ${witness}, run by: ${runBy}, at ${moment(time)}` +
      (counts ? "" : "; counts as zero, because the platform runs it"),
  );
  const mode = policy.mode === "" ? "" : ` The operator says that it waits for witnesses in ${policy.mode} mode.`;
  const time =
    policy.quorum === "none"
      ? "Time not attested: the policy asks for no witness (quorum none)."
      : `The quorum “${policy.quorum}” vouches for this state at ${moment(attested)}.`;
  return [time + mode, ...lines];
}

/** @param {Replay} replay */
export function rules(replay) {
  const last = replay.epochs.at(-1);
  const epochs = last
    ? `${counted(replay.epochs.length, "epoch")} with the map and totals that the entries give; all days before ${date(last.leaf.day)} are closed.`
    : "No epoch yet: no day is closed.";
  return [
    `${counted(replay.size, "entry").replace("entrys", "entries")}: form, days, tags used once, privileges signed by the partner, connections before every release.`,
    epochs,
    ...replay.reconciled.map(
      ({ index, leaf, matches }) =>
        `${leaf.partner}'s own signed count of the first ${leaf.size} entries (entry ${index}) ${matches ? "is the same" : "differs"}.`,
    ),
  ];
}

/** @param {Replay} replay */
export function breaches({ breaches: all }) {
  const named = all.slice(0, MOST_NAMED).map(({ index, message }) => `Entry ${index} breaks a rule: ${message}`);
  return all.length > MOST_NAMED ? [...named, `and ${all.length - MOST_NAMED} more`] : named;
}

/** @param {Receipt} receipt */
export function receipt({ index, leaf, hidden, size }) {
  const what = "op" in leaf ? `${leaf.kind} ${leaf.op} by ${leaf.partner}, ${counted(leaf.n, "item")}` : leaf.kind;
  const about = hidden === null ? "It has no opening." : `Its opening is that of this entry, about the person known as ${hidden.person}.`;
  return [`Entry ${index} of this log, signed when it had ${size} entries: ${what}, on ${date(leaf.day)}.`, about];
}

/** @param {PartnerHistory["events"][0]} event */
export function eventLine({ index, kind, op, day, n, opened, signed, staff }) {
  const byStaff = op.startsWith("staff.");
  const did = byStaff ? BY_STAFF : kind === "send" && op === "dialog" ? BY_DIALOG : (DID[kind] ?? `${kind} {op}`);
  const what = did.replace("{op}", op).replace("{n}", counted(n, byStaff || op === "messages.read" ? "message" : "item"));
  const how = opened ? (signed ? "; asked for in the partner's own signature" : "") : "; not in your file, which may be older";
  return `${date(day)}, entry ${index}: ${what}${how}${staff && `, ${staff}`}.`;
}

/** @param {PartnerHistory} history */
export function answer({ name, events, releases, problems }) {
  if (problems.length > 0) return `Not proven: what is between ${name} and you.`;
  const unopened = events.filter(({ opened }) => !opened).length;
  if (events.length === 0) return `Zero events between ${name} and you: in neither lane is your first tag in the log.`;
  const given = releases === 0 ? "gave it nothing of yours" : `gave it something of yours ${times(releases)}`;
  const all = unopened === 0 ? "There is no other" : `Not in your file: ${unopened} of them`;
  return `${counted(events.length, "event")} between ${name} and you, which ${given}. ${all}.`;
}
