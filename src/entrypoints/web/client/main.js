/** The studio: shows the view that the address names. */

import { keyNote } from "./api/key_note.js";
import { guardPage } from "./base/guard.js";
import { route } from "./base/router.js";
import { t } from "./base/text.js";
import { unkept } from "./device/recordings.js";
import { home } from "./views/home.js";

const page = new AbortController().signal; // it lives as long as the page

route({
  "": home,
  moments: async (id, alive) => (id ? (await import("./views/moment.js")).moment(id, alive) : mine(alive)),
  mine: (_, alive) => mine(alive),
}, [{ href: "#/", text: t("moment.hum") }, { href: "#/mine", text: t("nav.mine") }]);

/** @param {AbortSignal} alive */
async function mine(alive) {
  return (await import("./views/mine.js")).mine(alive);
}

guardPage(unkept, page);
document.getElementById("main")?.after(keyNote(page));
