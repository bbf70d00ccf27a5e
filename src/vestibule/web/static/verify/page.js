// @ts-check
/** The page around the check: takes the files, starts the worker, draws what it reports. Text only, never markup. */

import { remember, seenNotes } from "./memory.js";
import * as draw from "./drawing.js";

/** @import { Bytes } from "./bytes.js" */
/** @import { Message, Start, Step } from "./worker.js" */

/** Entries from which the visitor is asked first. */
const LARGE = 150_000;
/** Seconds and bytes for one entry, roughly, on a small machine. */
const SECONDS = 0.0001;
const BYTES = 300;

const form = /** @type {HTMLFormElement} */ (document.getElementById("check"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
const page = draw.places();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  draw.clear(page);
  run({
    base: `${location.origin}/log`,
    policy: (await chosen("policy-file")) ?? typed("policy-text"),
    person: await chosen("person-file"),
    receipt: await chosen("receipt-file"),
    seen: seenNotes(),
    curve: form.dataset.curve === "yes",
  });
});
button.disabled = false;

/** @param {Start} start */
function run(start) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  /** @type {Step[]} */
  const steps = [];
  const end = () => {
    worker.terminate();
    button.disabled = false;
  };
  worker.addEventListener("error", () => {
    draw.broken(page, "the check could not be started: this browser may lack module workers");
    end();
  });
  worker.addEventListener("message", ({ data }) => {
    const message = /** @type {Message} */ (data);
    if (message.kind === "step") steps.push(message);
    show(message, steps, worker, start);
    if (message.kind === "end" || message.kind === "broken") end();
  });
  worker.postMessage(start);
}

/**
 * @param {Message} message
 * @param {Step[]} steps
 * @param {Worker} worker
 * @param {Start} start
 */
function show(message, steps, worker, start) {
  switch (message.kind) {
    case "step":
      return draw.step(page, message);
    case "seen":
      if (!remember(message.vkey, message.note)) draw.notRemembered(page);
      return;
    case "size":
      if (message.size <= LARGE) worker.postMessage("go");
      else draw.ask(page, message.size, message.size * SECONDS, message.size * BYTES, () => worker.postMessage("go"));
      return;
    case "evidence":
      return draw.evidence(page, message.notes);
    case "progress":
      return draw.progress(page, message);
    case "totals":
      return draw.totals(page, message.rows);
    case "history":
      return draw.history(page, message.histories);
    case "broken":
      return draw.broken(page, message.message);
    case "end":
      return draw.verdict(page, steps, start.person !== null);
  }
}

/**
 * @param {string} id of a file field
 * @returns {Promise<Bytes | null>}
 */
async function chosen(id) {
  const file = /** @type {HTMLInputElement} */ (document.getElementById(id)).files?.[0];
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}

/**
 * @param {string} id of a text area
 * @returns {Bytes | null}
 */
function typed(id) {
  const text = /** @type {HTMLTextAreaElement} */ (document.getElementById(id)).value;
  return text.trim() === "" ? null : new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
}
