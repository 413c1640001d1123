/** The list of moments as a file: it is on this device alone, and may move to another one so. */

import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { keepMoments, keptMoments } from "../device/moments.js";
import { readList, writeList } from "../device/moments_text.js";
import { saveText } from "./saving.js";

const LARGEST = 1_000_000; // bytes: 200 moments have a tenth of it

/** Return the buttons that save the list, and add to it what a file lists. */
export function listFile() {
  const choose = h("input", { type: "file", accept: ".json,application/json", class: "unseen", tabindex: -1, "aria-hidden": "true" });
  choose.onchange = () => {
    const [file] = choose.files ?? [];
    if (file) void add(file);
    choose.value = "";
  };
  return h("div", { class: "buttons" },
    h("button", { type: "button", onclick: save }, t("mine.export")),
    h("button", { type: "button", onclick: () => choose.click() }, t("mine.import")),
    choose);
}

function save() {
  saveText(writeList(keptMoments()), t("mine.file_name", { day: new Date().toISOString().slice(0, 10) }), "application/json");
}

/** @param {File} file */
async function add(file) {
  const { moments, damaged } = file.size > LARGEST ? { moments: [], damaged: true } : readList(await file.text());
  const known = new Set(keptMoments().map(({ id }) => id));
  const added = moments.filter(({ id }) => !known.has(id));
  if (added.length) keepMoments(added);
  const said = [damaged && t(moments.length ? "mine.import_partly" : "mine.import_none")];
  if (moments.length || !damaged) said.push(t("mine.imported", { count: added.length, known: moments.length - added.length }));
  notify(said.filter(Boolean).join(" "));
}
