/** What is to be said of the list itself: that it cannot be kept, was damaged, or names what is gone. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { damagedList, forgetDamagedList, keptMoments, MOST, watchMoments } from "../device/moments.js";
import { storageTrouble } from "../device/storage.js";
import { saveText } from "./saving.js";

/** @param {AbortSignal} alive */
export function listTroubles(alive) {
  const trouble = h("p", { class: "warning" });
  storageTrouble.watch((why) => {
    trouble.hidden = !why;
    trouble.textContent = why ? t(`mine.trouble.${why}`) : "";
  }, alive);
  const damaged = damagedPart(), full = h("p", {}, t("mine.full", { most: MOST }));
  const show = () => {
    damaged.hidden = !damagedList();
    full.hidden = keptMoments().length < MOST;
  };
  watchMoments(show, alive);
  show();
  return h("div", { role: "status" }, trouble, damaged, full);
}

function damagedPart() {
  const save = () => saveText(damagedList(), t("mine.damaged_name"), "text/plain");
  return h("div", { class: "warning" }, h("p", {}, t("mine.damaged")), h("div", { class: "buttons" },
    h("button", { type: "button", onclick: save }, t("mine.damaged_save")),
    h("button", { type: "button", onclick: forgetDamagedList }, t("mine.damaged_forget"))));
}
