/** What is shown in place of a moment that is not there. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

export function gonePanel() {
  return h("section", { class: "gone", hidden: true },
    h("h1", {}, t("moment.gone")),
    h("p", { class: "lead" }, t("moment.gone_why")),
    h("p", { class: "actions" },
      h("a", { class: "button primary", href: "#/" }, t("moment.hum")),
      h("a", { class: "button", href: "#/mine" }, t("nav.mine"))));
}
