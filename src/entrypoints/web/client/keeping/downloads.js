/** The files of a moment, to be saved. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { fileLink } from "./file_link.js";
import { filesOf } from "./files.js";
import { fileName } from "./titles.js";

/** @import { Status } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */
/** @import { FileLink } from "./file_link.js" */
/** @import { FileGroup } from "./files.js" */

const MUSIC = "files.music";

/**
 * Return the list, and what brings it up to date.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @returns {{ element: HTMLElement, update: (status: Status, title: string) => void }}
 */
export function downloads(moment, alive) {
  const element = h("div", { class: "downloads" });
  /** @type {Map<string, FileLink>} */
  const links = new Map();
  let shown = "";
  const linkOf = (/** @type {string} */ name) => {
    const found = links.get(name) ?? fileLink(moment.id, alive, () => moment.refresh(alive));
    links.set(name, found);
    return found;
  };
  return { element, update: (status, title) => {
    const groups = filesOf(status);
    for (const file of groups.flatMap(({ files }) => files)) {
      linkOf(file.name).update(file, fileName(title, isMusic(groups, file.name) ? "" : t(file.label), status.created_at));
    }
    const names = groups.map(({ files }) => files.map(({ name }) => name)).join();
    if (names !== shown) replace(element, ...lists(groups, (name) => linkOf(name).element));
    shown = names; // built again only if files came or went, so that the one that has the focus keeps it
  } };
}

/**
 * Return the music, and behind a click whatever else there is.
 * @param {FileGroup[]} groups
 * @param {(name: string) => Node} elementOf
 * @returns {import("../base/dom.js").Child[]}
 */
function lists(groups, elementOf) {
  const music = groups.filter(({ title }) => title === MUSIC), others = groups.filter(({ title }) => title !== MUSIC);
  const listOf = (/** @type {FileGroup} */ { title, files }) =>
    [h("h3", {}, t(title)), h("ul", { class: "files" }, files.map(({ name }) => elementOf(name)))];
  return [...music.map(listOf), others.length > 0 && h("details", { open: !music.length },
    h("summary", {}, t("files.more")), others.map(listOf))];
}

/**
 * @param {FileGroup[]} groups
 * @param {string} name
 */
function isMusic(groups, name) {
  return groups.some(({ title, files }) => title === MUSIC && files.some((file) => file.name === name));
}
