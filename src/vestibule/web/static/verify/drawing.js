// @ts-check
/** What the page shows of a check. Everything becomes text nodes: nothing that was fetched is ever read as markup. */

import * as words from "./words.js";

/** @import { PartnerHistory } from "./history.js" */
/** @import { Progress, Step } from "./worker.js" */
/** @import { Row } from "./totals.js" */

/** @typedef {ReturnType<typeof places>} Places */

/** @type {Record<Step["name"], string>} */
const TITLES = {
  keys: "Whose keys are trusted",
  signature: "The newest state is signed",
  memory: "It continues what this browser saw before",
  witnesses: "Who else vouches for it",
  entries: "Every entry is under the signed root",
  rules: "Every entry keeps the rules",
  time: "The days fit the time",
  receipt: "Your receipt is of this log",
  history: "Your own history",
};
const STATES = { good: "Holds", bad: "Does not hold", "not checked": "Not checked" };
/** Rows shown of the table by day; the rest is counted. */
const MOST_ROWS = 300;

export function places() {
  const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  return {
    result: place("result"),
    verdict: place("verdict"),
    status: place("status"),
    bar: /** @type {HTMLProgressElement} */ (place("bar")),
    steps: place("steps"),
    more: place("more"),
  };
}

/** @param {Places} page */
export function clear(page) {
  page.result.hidden = false;
  page.verdict.hidden = true;
  page.verdict.className = "";
  for (const part of [page.verdict, page.steps, page.more]) part.replaceChildren();
  working(page, "Reading the newest checkpoint.");
}

/**
 * @param {Places} page
 * @param {Step} step
 */
export function step(page, { name, state, lines }) {
  const head = element("p", {}, element("strong", { className: `state ${state.split(" ").join("-")}` }, STATES[state]), ` ${TITLES[name]}`);
  page.steps.append(element("li", {}, head, ...lines.map((line) => element("p", { className: "small quiet" }, line))));
}

/**
 * @param {Places} page
 * @param {Progress} progress
 */
export function progress(page, { what, done, total }) {
  page.bar.hidden = false;
  page.bar.max = total;
  page.bar.value = done;
  page.bar.textContent = `${done} of ${total}`;
  working(page, `${what}: ${Math.floor((100 * done) / Math.max(total, 1) / 10) * 10} percent.`);
}

/**
 * @param {Places} page
 * @param {number} size
 * @param {number} seconds
 * @param {number} bytes
 * @param {() => void} go
 */
export function ask(page, size, seconds, bytes, go) {
  const amount = `${words.counted(Math.ceil(bytes / 1e6), "megabyte")} to fetch, and about ${words.counted(Math.ceil(seconds / 60), "minute")}`;
  const button = element("button", { type: "button" }, "Read all of it");
  const box = element("div", { className: "notice" }, element("p", {}, `This log has ${size.toLocaleString("en")} entries: ${amount}. The command line is faster.`), button);
  button.addEventListener("click", () => {
    box.remove();
    go();
  });
  page.more.append(box);
  working(page, "Waiting for you.");
}

/**
 * @param {Places} page
 * @param {Row[]} rows by day
 */
export function totals(page, rows) {
  /** @type {Map<string, Row>} */
  const sums = new Map();
  for (const row of rows) {
    const name = `${row.partner} ${row.kind}/${row.op} ${row.basis}`;
    const sum = sums.get(name) ?? { ...row, events: 0, items: 0 };
    sums.set(name, { ...sum, events: sum.events + row.events, items: sum.items + row.items });
  }
  const newest = [...rows].sort((one, other) => other.day - one.day || (one.partner < other.partner ? -1 : 1));
  page.more.append(
    element("h3", {}, "What the entries add up to"),
    table("Counted here, entry by entry.", [...sums.values()], false),
    element("details", {}, element("summary", {}, "By day"), table(cut(newest.length), newest.slice(0, MOST_ROWS), true)),
  );
}

/**
 * @param {Places} page
 * @param {PartnerHistory[]} histories
 */
export function history(page, histories) {
  page.more.prepend(
    element("h3", {}, "Every partner and you"),
    ...histories.map((one) =>
      element(
        "section",
        { className: "panel" },
        element("h4", {}, words.answer(one)),
        element("ul", {}, ...one.events.map((event) => element("li", {}, words.eventLine(event)))),
        ...one.problems.map((problem) => element("p", { className: "wrong" }, problem)),
        element("p", { className: "small quiet" }, one.knownAs === "" ? "" : `${one.name} knows you as ${one.knownAs}. Compare with your Apps page.`),
      ),
    ),
  );
}

/**
 * @param {Places} page
 * @param {Step[]} steps
 * @param {boolean} person whether a person file was given
 */
export function verdict(page, steps, person) {
  const bad = steps.find(({ state }) => state === "bad");
  const open = steps.filter(({ state }) => state === "not checked").map(({ name }) => TITLES[name]);
  if (!person && !bad) open.push(`${TITLES.history}, because you chose no person file`);
  const heading = bad ? `Something does not hold: ${TITLES[bad.name].toLowerCase()}` : "Everything that was checked holds";
  page.verdict.append(element("h2", { tabIndex: -1 }, heading));
  if (bad) page.verdict.append(element("p", {}, "What comes after this step was not checked, for it would rest on it. The command above says the same of the same files, and more."));
  if (open.length > 0) page.verdict.append(element("p", {}, `Not checked: ${open.join("; ")}.`));
  finish(page, bad ? "wrong-box" : "notice");
}

/**
 * @param {Places} page
 * @param {string} message
 */
export function broken(page, message) {
  page.verdict.append(element("h2", { tabIndex: -1 }, "This page itself failed: nothing is proven either way"), element("p", {}, message));
  finish(page, "wrong-box");
}

/**
 * @param {Places} page
 * @param {string[]} notes
 */
export function evidence(page, notes) {
  page.more.append(
    element("h3", {}, "What this browser saw before, and what it was shown now"),
    element("p", {}, "Keep both: each is signed by the log's key, and anybody can compare them. This browser goes on remembering the first."),
    ...notes.map((note) => element("pre", { className: "paper", tabIndex: 0 }, note)),
  );
}

/** @param {Places} page */
export function notRemembered(page) {
  const line = "This browser keeps nothing for this page: next time it cannot compare.";
  page.steps.append(element("li", {}, element("p", { className: "small quiet" }, line)));
}

/**
 * @param {Places} page
 * @param {string} className
 */
function finish(page, className) {
  page.bar.hidden = true;
  page.status.textContent = "";
  page.verdict.className = className;
  page.verdict.hidden = false;
  page.verdict.querySelector("h2")?.focus();
}

/**
 * Said to screen readers too, so only when it changes.
 * @param {Places} page
 * @param {string} text
 */
function working(page, text) {
  if (page.status.textContent !== text) page.status.textContent = text;
}

/** @param {number} length */
function cut(length) {
  return length > MOST_ROWS ? `The newest ${MOST_ROWS} of ${length} rows.` : "All rows, the newest first.";
}

/**
 * @param {string} caption
 * @param {Row[]} rows
 * @param {boolean} byDay
 */
function table(caption, rows, byDay) {
  const heads = [...(byDay ? ["Day"] : []), "Partner", "What", "Events", "Items"];
  const body = rows.map(({ day, partner, kind, op, basis, events, items }) =>
    element(
      "tr",
      {},
      ...(byDay ? [element("td", {}, words.date(day))] : []),
      element("th", { scope: "row" }, partner),
      element("td", {}, `${kind} ${op}${basis === "operator" ? " (operator)" : ""}`),
      element("td", { className: "number" }, events.toLocaleString("en")),
      element("td", { className: "number" }, items.toLocaleString("en")),
    ),
  );
  const numbers = ["Events", "Items"];
  const head = element("tr", {}, ...heads.map((name) => element("th", { scope: "col", className: numbers.includes(name) ? "number" : "" }, name)));
  const whole = element("table", { className: "ledger wide" }, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: caption }, whole);
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {Partial<HTMLElementTagNameMap[T]>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function element(name, properties, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}
