// The field of a scan gun, which types like a keyboard, faster than anything can answer.

const KEYS_ELSEWHERE = "input, select, textarea, dialog";

/**
 * Take every code that ends in Enter, and keep the field ready for the next.
 * @param {HTMLInputElement} field
 * @param {object} parts
 * @param {(code: string) => void} parts.onCode
 * @param {(composing: boolean) => void} parts.onComposing an input method is on, which would change what is typed
 */
export function listen(field, { onCode, onComposing }) {
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key === "Process") return onComposing(true);
    if (event.key !== "Enter") return;
    event.preventDefault();
    // Copied and cleared here and nowhere later: the next code may be on its way already.
    const code = field.value.trim();
    field.value = "";
    if (!code) return;
    onComposing(false);
    onCode(code);
  });
  field.addEventListener("compositionstart", () => onComposing(true));
  // Whatever has the focus: the first letter of a code brings it back before it is typed.
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const elsewhere = target instanceof Element && target.closest(KEYS_ELSEWHERE);
    if (event.key.length === 1 && !elsewhere && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });
  document.addEventListener("pointerup", (event) => {
    const { target } = event;
    if (!(target instanceof Element) || !target.closest("a, button, input, select, dialog")) field.focus();
  });
  field.focus();
}
