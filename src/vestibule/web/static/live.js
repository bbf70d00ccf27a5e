// @ts-check
/**
 * The live conversation: new messages appear, and sending does not reload the page. Without this module the
 * page works as a plain form.
 *
 * Messages are always drawn by the server's template (`/c/{id}/newer`), so there is one way they can look, and
 * nothing that somebody wrote is ever put into the page by this code as HTML of its own making. The events are
 * hints; what is on the page is healed by its newest number.
 */

/**
 * @param {ParentNode} root
 * @returns {number} the newest message's number on the page, 0 if there is none
 */
export function newestSeq(root) {
  const all = root.querySelectorAll("[data-seq]");
  const last = all[all.length - 1];
  return last instanceof HTMLElement ? Number(last.dataset.seq) : 0;
}

/**
 * Fetches and appends what the list lacks; calls made meanwhile are answered by one more round.
 */
class Talk {
  /**
   * @param {HTMLElement} list
   * @param {string} conversation
   */
  constructor(list, conversation) {
    this.list = list;
    this.conversation = conversation;
    this.running = false;
    this.again = false;
  }

  async catchUp() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    try {
      do {
        this.again = false;
        while (await this.appendSome());
      } while (this.again);
    } finally {
      this.running = false;
    }
  }

  /** @returns {Promise<boolean>} whether there may be more */
  async appendSome() {
    const address = `/c/${this.conversation}/newer?after=${newestSeq(this.list)}`;
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const items = [...page.body.querySelectorAll(":scope > li")];
    if (items.length === 0) return false;
    const atEnd = window.innerHeight + window.scrollY > document.body.scrollHeight - 200;
    for (const item of items) {
      item.classList.add("arrived");
      this.list.append(document.adoptNode(item));
    }
    document.getElementById("silence")?.remove();
    if (atEnd) window.scrollTo(0, document.body.scrollHeight);
    return items.some((item) => item instanceof HTMLElement && item.dataset.seq !== undefined);
  }
}

/**
 * @param {Talk} talk
 * @param {HTMLElement} status
 */
function listen(talk, status) {
  const events = new EventSource("/api/events");
  events.addEventListener("sync", () => void talk.catchUp());
  events.addEventListener("message", (event) => {
    if (JSON.parse(event.data).conversation === talk.conversation) void talk.catchUp();
  });
  events.addEventListener("open", () => (status.textContent = ""));
  events.addEventListener("error", () => (status.textContent = "Connection lost. Trying again…"));
  window.addEventListener("pagehide", () => events.close());
}

/**
 * @param {string} conversation
 * @param {string} key
 * @param {string} body
 * @param {number | null} replyTo
 * @returns {Promise<boolean>} whether the message stands
 */
async function send(conversation, key, body, replyTo) {
  const answer = await fetch(`/api/conversations/${conversation}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ body, key, reply_to: replyTo }),
  });
  return answer.status === 201 || answer.status === 200;
}

/**
 * @param {Talk} talk
 * @param {HTMLFormElement} form
 * @param {HTMLElement} status
 */
function sendByFetch(talk, form, status) {
  const key = /** @type {HTMLInputElement} */ (form.elements.namedItem("key"));
  const body = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const files = /** @type {HTMLInputElement} */ (form.elements.namedItem("files"));
  const withFiles = /** @type {HTMLButtonElement} */ (form.querySelector(".attach button"));
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    if (event.submitter === withFiles || files.files?.length) {
      // Files go by the form itself, whose answer is a page.
      form.action = withFiles.formAction;
      form.enctype = withFiles.formEnctype;
      return;
    }
    event.preventDefault();
    const text = body.value.trim();
    if (text === "" || button.disabled) return;
    button.disabled = true;
    try {
      // The same key until it succeeded: a lost answer does not become a second message.
      const replied = form.elements.namedItem("reply_to");
      const replyTo = replied instanceof HTMLInputElement ? Number(replied.value) : null;
      if (await send(talk.conversation, key.value, text, replyTo)) {
        document.getElementById("replying")?.remove();
        key.value = crypto.randomUUID();
        body.value = "";
        status.textContent = "";
        await talk.catchUp();
        form.scrollIntoView({ block: "end" });
      } else {
        status.textContent = "This was not sent. Please look at it and try again.";
      }
    } catch {
      status.textContent = "No connection. Your words are still here; try again.";
    } finally {
      button.disabled = false;
      body.focus();
    }
  });
}

const list = document.getElementById("talk");
const status = document.getElementById("live");
if (list?.dataset.conversation && status) {
  const talk = new Talk(list, list.dataset.conversation);
  listen(talk, status);
  const form = document.querySelector("form.write");
  if (form instanceof HTMLFormElement) sendByFetch(talk, form, status);
}
