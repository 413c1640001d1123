/** The link to the music for everybody: make it, pass it on, remove it. */

import { ask } from "../base/ask.js";
import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { changeMoment, keptMoment, watchMoments } from "../device/moments.js";
import { copyFrom } from "./clipboard.js";
import { explain } from "./explain.js";
import { share, unshare } from "./requests.js";

/**
 * @typedef {object} Sharing
 * @property {Signal<string>} link "" while none is known; only the device that made one knows it.
 * @property {Signal<string>} said
 * @property {Signal<boolean>} busy
 */

/**
 * @param {string} id
 * @param {() => string} title Of the moment.
 * @param {AbortSignal} alive
 */
export function sharePart(id, title, alive) {
  /** @type {Sharing} */
  const sharing = { link: new Signal(keptMoment(id)?.link ?? ""), said: new Signal(""), busy: new Signal(false) };
  watchMoments(() => { if (keptMoment(id)) sharing.link.value = keptMoment(id)?.link ?? ""; }, alive);
  const make = h("button", { type: "button", class: "primary", onclick: () => void makeLink(id, sharing, alive) }, t("share.make"));
  const shared = sharedPart(id, title, sharing, alive);
  const said = h("p", { role: "status", class: "message" }), local = localNote(sharing.link, alive);
  sharing.said.watch((text) => { said.textContent = text; }, alive);
  sharing.busy.watch((busy) => { make.disabled = busy; }, alive);
  handFocusOn(make, shared, sharing, alive);
  sharing.link.watch((link) => { make.hidden = !!link; shared.hidden = !link; }, alive);
  return h("section", { class: "share" }, h("h3", {}, t("share.title")), h("p", {}, t("share.about")), make, shared, said, local);
}

/**
 * Give the focus of a button that was pressed to what takes its place: else it would be nowhere.
 * @param {HTMLButtonElement} make
 * @param {HTMLElement} shared
 * @param {Sharing} sharing
 * @param {AbortSignal} alive
 */
function handFocusOn(make, shared, { link, busy }, alive) {
  let pressed = false;
  busy.watch((now) => {
    if (now) pressed = make.contains(document.activeElement) || shared.contains(document.activeElement);
    else if (pressed) (link.value ? shared.querySelector("button") : make)?.focus();
  }, alive);
}

/**
 * @param {string} id
 * @param {() => string} title
 * @param {Sharing} sharing
 * @param {AbortSignal} alive
 */
function sharedPart(id, title, sharing, alive) {
  const field = h("input", { type: "url", readonly: true, class: "link", onfocus: () => field.select() });
  const open = h("a", { class: "button", target: "_blank", rel: "noopener" }, t("share.open"));
  const show = () => {
    field.value = open.href = sharing.link.value;
    field.setAttribute("aria-label", t("share.link", { title: title() }));
    open.setAttribute("aria-label", t("share.open_link", { title: title() }));
  };
  sharing.link.watch(show, alive);
  watchMoments(show, alive);
  const copy = async () => { sharing.said.value = await copyFrom(field) ? t("share.copied") : t("share.copy_yourself"); };
  return h("div", { class: "shared" }, field, h("div", { class: "buttons" },
    h("button", { type: "button", class: "primary", onclick: () => void copy() }, t("share.copy")),
    canPassOn() && h("button", { type: "button", onclick: () => void passOn(title(), field.value, sharing) }, t("share.pass_on")),
    open,
    h("button", { type: "button", class: "danger", onclick: () => void revoke(id, sharing, alive) }, t("share.revoke"))));
}

/**
 * Return what is said of a link that only this device can follow.
 * @param {Signal<string>} link
 * @param {AbortSignal} alive
 */
function localNote(link, alive) {
  const note = h("p", { class: "message" }, t("share.local"));
  link.watch((url) => { note.hidden = !/^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(:|\/)/.test(url); }, alive);
  return note;
}

/** Whether the device has a sheet for sharing. */
const canPassOn = () => typeof navigator.share === "function";

/**
 * @param {string} title
 * @param {string} url
 * @param {Sharing} sharing
 */
async function passOn(title, url, sharing) {
  try {
    await navigator.share({ title, url });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) sharing.said.value = t("share.not_passed_on");
  }
}

/**
 * @param {string} id
 * @param {Sharing} sharing
 * @param {AbortSignal} alive
 */
async function makeLink(id, sharing, alive) {
  await attempt(sharing, alive, async () => {
    sharing.link.value = await share(id, alive);
    changeMoment(id, { link: sharing.link.value });
    sharing.said.value = t("share.made");
  });
}

/**
 * @param {string} id
 * @param {Sharing} sharing
 * @param {AbortSignal} alive
 */
async function revoke(id, sharing, alive) {
  const question = { title: t("share.revoke_title"), body: [h("p", {}, t("share.revoke_text"))], yes: t("share.revoke"), no: t("ask.no") };
  if (!await ask(question, alive)) return;
  await attempt(sharing, alive, async () => {
    await unshare(id, alive);
    sharing.link.value = "";
    changeMoment(id, { link: undefined });
    sharing.said.value = t("share.revoked");
  });
}

/**
 * @param {Sharing} sharing
 * @param {AbortSignal} alive
 * @param {() => Promise<void>} act
 */
async function attempt(sharing, alive, act) {
  sharing.busy.value = true;
  sharing.said.value = "";
  try {
    await act();
  } catch (error) {
    if (!alive.aborted) sharing.said.value = explain(error);
  } finally {
    sharing.busy.value = false;
  }
}
