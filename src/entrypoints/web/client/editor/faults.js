/** What the service refuses, said beside the field that it is about. */

import { h } from "../base/dom.js";

/** @typedef {{ pointer: string, message: string }} Fault */

let places = 0;

export class Faults {
  /** @type {Map<string, { place: HTMLElement, control: Element, found?: (pointer: string) => void }>} */
  #fields = new Map();

  /**
   * Return the place where faults of a field are said.
   * @param {string[]} pointers Of the field and all that is in it, such as `/blueprint/key`.
   * @param {Element} control What they are about.
   * @param {(pointer: string) => void} [found] Called with the exact pointer of a fault.
   */
  placeFor(pointers, control, found) {
    const place = h("p", { class: "fault", id: `fault-${++places}`, role: "alert" });
    control.setAttribute("aria-describedby", place.id);
    for (const pointer of pointers) this.#fields.set(pointer, { place, control, found });
    return place;
  }

  clear() {
    for (const { place, control } of this.#fields.values()) {
      place.textContent = "";
      control.removeAttribute("aria-invalid");
    }
  }

  /**
   * Say what is wrong; return the faults that belong to no field.
   * @param {Fault[]} faults
   */
  show(faults) {
    this.clear();
    return faults.filter(({ pointer, message }) => {
      const owner = [...this.#fields].find(([start]) => pointer === start || pointer.startsWith(`${start}/`))?.[1];
      if (!owner) return true;
      owner.place.textContent = `${owner.place.textContent} ${message}`.trim();
      owner.control.setAttribute("aria-invalid", "true");
      owner.found?.(pointer);
      return false;
    });
  }
}
