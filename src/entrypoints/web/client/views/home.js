/** The first view: hum or choose a file, hear it, say what it shall become, send it. */

import { h, replace } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { unloaded } from "../base/unloaded.js";
import { orderForm } from "../moments/order_form.js";
import { Desk } from "../recorder/desk.js";
import { dropTarget, fileButton } from "../recorder/drop.js";
import { recorder } from "../recorder/recorder.js";
import { leaving } from "../base/waiting.js";

/** @import { Recorded } from "../recorder/session.js" */

/**
 * @param {string} _name
 * @param {AbortSignal} alive
 */
export function home(_name, alive) {
  const desk = new Desk(alive);
  const humming = recorder((recorded) => take(recorded, desk), alive);
  /** @param {File} file @param {number} count Of the files that came with it. */
  const choose = (file, count) => {
    humming.session.cancel();
    void desk.put(file, file.name, count > 1 ? t("take.one_of_many", { name: file.name }) : "");
  };
  const said = h("p", { role: "status", class: "message" });
  desk.message.watch((message) => { said.textContent = message; }, alive);
  desk.restore();
  return h("div", { class: "home" },
    h("h1", {}, t("home.title")),
    h("p", { class: "lead" }, t("site.promise")),
    h("div", { class: "panel" }, workplace(desk, humming, alive), said, sources(desk, choose)),
    orderForm(desk, alive),
    dropTarget(choose, alive));
}

/**
 * Return the recorder, or the take once there is one; while it is hummed again, the last one is kept.
 * @param {Desk} desk
 * @param {ReturnType<typeof recorder>} humming
 * @param {AbortSignal} alive
 */
function workplace(desk, { node, session, start }, alive) {
  const [place, again] = [h("div", { tabindex: -1 }), h("button", { type: "button" }, t("take.again"))];
  const reading = h("p", { role: "status", class: "message" });
  again.onclick = () => void start();
  const show = () => {
    const humming = session.state.value !== "idle" || !desk.take.value;
    node.hidden = !humming;
    place.hidden = humming;
  };
  session.state.watch((state) => {
    show();
    if (state === "asking") loadTakeView().catch(() => {}); // it is wanted at once when the humming ends
  }, alive);
  desk.reading.watch((busy) => { reading.textContent = busy ? t("take.reading") : ""; }, alive);
  let shown = leaving(alive);
  desk.take.watch(async (take) => {
    shown.abort();
    shown = leaving(alive);
    show();
    const { signal } = shown;
    if (!take) return;
    const built = await loadTakeView().then(({ takeView }) => takeView(take, desk, again, signal), () => unloaded(t("take.kept")));
    if (signal.aborted) return;
    replace(place, built);
    place.focus({ preventScroll: true });
  }, alive);
  return [node, place, reading];
}

const loadTakeView = () => import("../recorder/take_view.js");

/**
 * @param {Desk} desk
 * @param {import("../recorder/drop.js").Choose} choose
 */
function sources(desk, choose) {
  const ours = h("button", { type: "button", class: "quiet" }, t("record.ours"));
  ours.onclick = async () => {
    try {
      const { recording, name } = (await import("../recorder/own_tune.js")).ownTune();
      await desk.put(recording, name, t("record.ours_ready"));
    } catch {
      notify(t("error.not_loaded"));
    }
  };
  return h("div", { class: "origins" }, fileButton(choose), h("span", { class: "drophint" }, t("record.drop_hint")), ours);
}

/**
 * Put what was hummed on the desk; of a view that was left, it waits until there is a desk again.
 * @param {Recorded} recorded
 * @param {Desk} desk
 */
function take({ recording, name, ending }, desk) {
  if (ending === "left") notify(t("record.ended.left"));
  void desk.put(recording, name, ending === "stopped" || ending === "left" ? "" : t(`record.ended.${ending}`));
}
