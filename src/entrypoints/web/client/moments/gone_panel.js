/** What is shown in place of a moment that is not there. */

import { nowhere } from "../base/nowhere.js";
import { t } from "../base/text.js";

export function gonePanel() {
  const panel = nowhere(t("moment.gone"), t("moment.gone_why"), [{ href: "#/", text: t("moment.hum") }, { href: "#/mine", text: t("nav.mine") }]);
  panel.hidden = true;
  return panel;
}
