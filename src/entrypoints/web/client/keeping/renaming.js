/** A name of one's own for a moment. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { changeMoment } from "../device/moments.js";

const LONGEST = 80;

/**
 * Return a form that renames a moment; Escape leaves its name as it is.
 * @param {string} id
 * @param {string} title What it is called now.
 * @param {string} usual What it is called without a name of one's own.
 * @param {() => void} done Called at the end.
 */
export function renameForm(id, title, usual, done) {
  const field = h("input", { type: "text", maxlength: LONGEST, "aria-label": t("rename.label"), value: title });
  const form = h("form", { class: "rename" }, field,
    h("button", { type: "submit", class: "primary" }, t("rename.save")),
    h("button", { type: "button", onclick: done }, t("rename.cancel")));
  form.onsubmit = (event) => {
    event.preventDefault();
    const name = field.value.trim();
    changeMoment(id, { name: name && name !== usual ? name : undefined });
    done();
  };
  form.onkeydown = ({ key }) => { if (key === "Escape") done(); };
  return { form, field };
}
