/** The studio: shows the view that the address names. */

import { keyNote } from "./api/key_note.js";
import { route } from "./base/router.js";
import { home } from "./views/home.js";

route({
  "": home,
  moments: async (id, alive) => (await import("./views/moment.js")).moment(id, alive),
  mine: async (_, alive) => (await import("./views/mine.js")).mine(alive),
});

document.getElementById("main")?.after(keyNote(new AbortController().signal));
