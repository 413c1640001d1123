/** Copying a text; the Clipboard API is missing on pages without TLS, and may be denied. */

/**
 * Copy what a field shows; return whether that worked.
 * @param {HTMLInputElement} field Selected if it did not, so that its owner can copy it.
 */
export async function copyFrom(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy"); // deprecated, and all there is here
  }
}
