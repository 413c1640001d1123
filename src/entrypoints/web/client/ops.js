/** The operator's page: the queue, its workers and its jobs, from the public API alone. */

import { route } from "./base/router.js";
import { t } from "./base/text.js";
import { access } from "./ops/access.js";
import { keepTimes } from "./ops/figures.js";
import { headline } from "./ops/headline.js";
import { jobList } from "./ops/job_list.js";
import { overview } from "./ops/overview.js";
import { search } from "./ops/search.js";
import { timeline } from "./ops/timeline.js";
import { Watch } from "./ops/watch.js";

const TIMES_MS = 5000;

const page = new AbortController().signal; // it lives as long as the page
const watch = new Watch();
/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

place("search").replaceChildren(search());
place("headline").replaceChildren(headline(watch, page));
access(watch, { form: place("access"), content: place("content"), kept: place("kept") }, page);
keepTimes(TIMES_MS);
watch.run(page);
route({
  "": (_, alive) => overview(watch, alive),
  jobs: (name, alive) => (name && !name.startsWith("?") ? timeline(name, watch, alive) : jobList(name, watch, alive)),
}, [{ href: "#/", text: t("ops.nav.overview") }, { href: "#/jobs", text: t("ops.nav.jobs") }]);
