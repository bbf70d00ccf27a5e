// @ts-check
/**
 * <recommend-button>: opens the platform's dialog over a card and says how it ended, by `sent` or `cancelled`.
 *
 * It asks for nothing, reads nothing of its page and loads nothing; whom somebody recommends to stays in the
 * dialog. Without this module the link inside the element leads to the same dialog. docs/button.md
 */

const PLATFORM = new URL(import.meta.url).origin;
const PARAMETERS = ["card", "return-uri", "state", "surface", "interface", "variant"];
const TEXTS = {
  en: ["Recommend to friends", "opens a window", "Sent"],
  de: ["Freunden empfehlen", "öffnet ein Fenster", "Gesendet"],
};
const POLL = 250;

const style = new CSSStyleSheet();
style.replaceSync(`
:host { display: inline-flex; align-items: center; gap: .6em }
:host([hidden]) { display: none }
button { font: inherit; font-weight: 600; line-height: 1.2; min-height: 2.75em; padding: .5em 1.1em; cursor: pointer;
  border: 1px solid transparent; border-radius: var(--recommend-radius, .5em);
  color: var(--recommend-color, #fff); background: var(--recommend-background, #17594a);
  color: var(--recommend-color, light-dark(#fff, #0c1f19));
  background: var(--recommend-background, light-dark(#17594a, #8fd3bd)) }
button:hover { filter: brightness(1.1) }
button:focus-visible { outline: 3px solid var(--recommend-focus, currentColor); outline-offset: 2px;
  box-shadow: 0 0 0 2px Canvas }
i { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }`);

class RecommendButton extends HTMLElement {
  static observedAttributes = ["lang", "label"];

  #button = document.createElement("button");
  #status = document.createElement("span");
  /** @type {Window | null} */
  #popup = null;
  #state = "";
  /** @type {number | undefined} */
  #timer;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [style];
    this.#button.type = "button";
    this.#button.part.add("button");
    this.#status.part.add("status");
    this.#status.setAttribute("role", "status");
    this.#button.addEventListener("click", () => this.#press());
    root.append(this.#button, this.#status);
  }

  connectedCallback() {
    addEventListener("message", this.#hear);
    this.#speak();
  }

  disconnectedCallback() {
    removeEventListener("message", this.#hear);
    clearInterval(this.#timer);
  }

  attributeChangedCallback() {
    this.#speak();
  }

  get #texts() {
    const spoken = this.closest("[lang]")?.getAttribute("lang") ?? "";
    return /^de\b/i.test(spoken) ? TEXTS.de : TEXTS.en;
  }

  #speak() {
    const [label, window] = this.#texts;
    const hint = document.createElement("i");
    hint.textContent = ` (${window})`;
    this.#button.replaceChildren(this.getAttribute("label") ?? label, hint);
  }

  /**
   * The dialog's address: what the attributes say, and else the link inside.
   * @param {string} display
   */
  #address(display) {
    const link = this.querySelector("a");
    const told = link ? new URL(link.href, location.href).searchParams : new URLSearchParams();
    const address = new URL("/dialog", PLATFORM);
    for (const name of PARAMETERS) {
      const key = name.replace("-", "_");
      const value = this.getAttribute(name) ?? told.get(key);
      if (value) address.searchParams.set(key, value);
    }
    this.#state = address.searchParams.get("state") ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
    address.searchParams.set("state", this.#state);
    address.searchParams.set("display", display);
    return address.href;
  }

  #press() {
    if (this.#popup && !this.#popup.closed) {
      this.#popup.focus();
      return;
    }
    this.#end("cancelled");
    this.#status.textContent = "";
    const place = `left=${screenX + Math.max(0, outerWidth - 520) / 2},top=${screenY + 60}`;
    // An isolated page (COOP with COEP) loses sight of every window that it opens.
    this.#popup = crossOriginIsolated
      ? null
      : open(this.#address("popup"), "_blank", `popup,width=520,height=760,${place}`);
    if (!this.#popup) {
      open(this.#address("page"), "_top");
      return;
    }
    let closed = 0;
    this.#timer = setInterval(() => {
      // Its last word may still be under way when it is gone already.
      if (this.#popup?.closed && ++closed > 1) this.#end("cancelled");
    }, POLL);
  }

  /** @param {MessageEvent} event */
  #hear = (event) => {
    const { origin, source, data } = event;
    if (origin !== PLATFORM || source !== this.#popup || data?.type !== "vestibule:recommend") return;
    if (data.state === this.#state) this.#end(data.result === "sent" ? "sent" : "cancelled");
  };

  /** @param {"sent" | "cancelled"} result */
  #end(result) {
    if (!this.#popup) return;
    clearInterval(this.#timer);
    this.#popup = null;
    if (result === "sent") this.#status.textContent = this.#texts[2];
    this.dispatchEvent(new CustomEvent(result, { bubbles: true, detail: { state: this.#state } }));
  }
}

if (!customElements.get("recommend-button")) customElements.define("recommend-button", RecommendButton);
