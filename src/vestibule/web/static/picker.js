// @ts-check
/**
 * The dialog's picker: filters while somebody types, and shows her note in the preview. Without this module
 * the buttons "Find" and "Show it with my note" do the same by way of the server.
 */

/**
 * @param {string} text
 * @returns {string} the text as it is compared
 */
const folded = (text) => text.toLocaleLowerCase().normalize("NFKD");

const search = document.querySelector("input[name=search]");
if (search instanceof HTMLInputElement) {
  const rows = [...document.querySelectorAll("[data-choice]")].filter((row) => row instanceof HTMLElement);
  search.addEventListener("input", () => {
    const words = folded(search.value.trim());
    for (const row of rows) {
      const chosen = row.querySelector("input")?.checked ?? false;
      row.hidden = !chosen && !folded(row.dataset.choice ?? "").includes(words);
    }
  });
}

const note = document.querySelector("textarea[name=note]");
const preview = document.querySelector("[data-preview]");
if (note instanceof HTMLTextAreaElement && preview instanceof HTMLElement) {
  const show = () => {
    preview.textContent = note.value;
    preview.hidden = note.value === "";
  };
  note.addEventListener("input", show);
  show();
  for (const button of document.querySelectorAll("[data-without-script]")) {
    if (button instanceof HTMLElement) button.hidden = true;
  }
}
