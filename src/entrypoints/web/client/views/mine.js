/** The moments that were made with this browser. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { keptMoments, watchMoments } from "../device/moments.js";
import { farewell } from "../keeping/deletion.js";
import { listFile } from "../keeping/list_file.js";
import { listTroubles } from "../keeping/list_troubles.js";
import { momentList } from "../keeping/moment_list.js";

/** @param {AbortSignal} alive */
export function mine(alive) {
  const said = h("p", { role: "status", class: "message farewell" });
  const heading = h("h1", { tabindex: -1 }, t("mine.title"));
  farewell.watch((text) => { said.textContent = text; }, alive);
  alive.addEventListener("abort", () => { farewell.value = ""; document.title = t("site.name"); }, { once: true });
  document.title = t("title.with_state", { state: t("mine.title"), site: t("site.name") });
  const list = momentList(() => heading.focus(), alive); // the button that had the focus went with its moment
  const empty = h("div", { class: "empty" }, h("p", {}, t("mine.empty")), h("a", { class: "button primary", href: "#/" }, t("mine.start")));
  const show = () => { empty.hidden = keptMoments().length > 0; };
  watchMoments(show, alive);
  show();
  return h("div", { class: "mine" }, heading, said, listTroubles(alive), list, empty,
    h("section", { class: "panel" }, h("h2", {}, t("mine.device_title")), h("p", {}, t("mine.device")), listFile()));
}
