// @ts-check
/**
 * Passkeys on pages that work without them: a form with `data-passkey-options`, the JSON of WebAuthn's request
 * options, or `data-passkey-creation`, that of its creation options, is sent with what the authenticator answered.
 *
 *   <form method="post" data-passkey-options="…">
 *     <input type="hidden" name="assertion">
 *     <div data-passkey hidden><button formnovalidate>Use a passkey</button></div>
 *     <p class="wrong" role="alert" data-passkey-said hidden></p>
 *   </form>
 *
 * What is marked `data-passkey` appears only where the browser has passkeys; its button begins the ceremony, and
 * then sends the form as if it had been pressed. Everything else in the form, a password for instance, goes
 * its own way.
 */

const SENTENCES = {
  InvalidStateError: "That device or password manager has a passkey of yours already.",
  NotAllowedError: "No passkey was used. Try again, or go another way.",
  otherwise: "The passkey could not be used here. Go another way, please.",
};

/** @returns {boolean} whether this browser has passkeys, and reads and writes their JSON itself */
export function hasPasskeys() {
  return (
    window.isSecureContext &&
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function" &&
    typeof PublicKeyCredential.prototype.toJSON === "function"
  );
}

/**
 * @param {unknown} error
 * @returns {string} what to tell the person
 */
export function sentence(error) {
  const name = error instanceof DOMException ? error.name : "";
  return name === "InvalidStateError" || name === "NotAllowedError" ? SENTENCES[name] : SENTENCES.otherwise;
}

/**
 * @param {DOMStringMap} asked the form's data attributes
 * @returns {Promise<string>} the authenticator's answer, as JSON
 */
async function answerTo(asked) {
  const credential =
    asked.passkeyCreation === undefined
      ? await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(asked.passkeyOptions ?? "")),
        })
      : await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(asked.passkeyCreation)),
        });
  if (!(credential instanceof PublicKeyCredential)) throw new TypeError("expected a public key credential");
  return JSON.stringify(credential.toJSON());
}

/**
 * Runs the ceremony and sends the form.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
async function pressed(form, button) {
  const assertion = form.elements.namedItem("assertion");
  if (!(assertion instanceof HTMLInputElement)) return;
  say(form, "");
  button.disabled = true;
  try {
    assertion.value = await answerTo(form.dataset);
  } catch (error) {
    say(form, sentence(error));
    return;
  } finally {
    button.disabled = false;
  }
  form.requestSubmit(button);
  // Whoever comes back and sends the form by its other button does not send this again.
  assertion.value = "";
}

/**
 * @param {HTMLFormElement} form
 * @param {string} words
 */
function say(form, words) {
  const place = form.querySelector("[data-passkey-said]");
  if (!(place instanceof HTMLElement)) return;
  place.textContent = words;
  place.hidden = words === "";
}

if (hasPasskeys()) {
  for (const form of document.querySelectorAll("form[data-passkey-options], form[data-passkey-creation]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    for (const place of form.querySelectorAll("[data-passkey]")) {
      if (!(place instanceof HTMLElement)) continue;
      place.hidden = false;
      const button = place instanceof HTMLButtonElement ? place : place.querySelector("button");
      if (!button) continue;
      button.addEventListener("click", (event) => {
        event.preventDefault();
        // What the form wants filled in beside the passkey, such as its name, is asked for first.
        if (button.formNoValidate || form.reportValidity()) void pressed(form, button);
      });
    }
  }
}
