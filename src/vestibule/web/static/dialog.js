// @ts-check
/**
 * The dialog in a popup: tells the page that opened it how it ended, and closes. Without this module, or
 * without such a page, the answer to the form is a redirect to the partner.
 */

/** @type {Window | null} */
const asker = window.opener;
const waits = asker !== null && !asker.closed;

const display = document.querySelector("form[data-popup] input[name=display]");
if (display instanceof HTMLInputElement && waits) {
  display.value = "popup";
}

const done = document.querySelector("[data-result]");
if (done instanceof HTMLElement) {
  const { result, state, origin = "", back = "" } = done.dataset;
  if (asker !== null && waits) {
    // The browser delivers it to a page of exactly this origin, and to no other that may be there by now.
    asker.postMessage({ type: "vestibule:recommend", result, state }, origin);
    window.close();
  } else {
    location.replace(back);
  }
}
