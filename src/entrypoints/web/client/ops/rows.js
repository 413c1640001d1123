/** Lists that change while they are looked at: elements stay, so that focus, selection and place are not lost. */

import { h } from "../base/dom.js";

/**
 * An element of a list, and how it follows what it shows.
 * @template T
 * @typedef {{ element: HTMLElement, update: (item: T) => void }} Row
 */

/**
 * Return a function that shows items as the children of an element, in order; a row of the same key stays.
 * @template T
 * @param {Element} parent
 * @param {(item: T) => string} keyOf
 * @param {() => Row<T>} build
 * @returns {(items: readonly T[]) => void}
 */
export function rowsIn(parent, keyOf, build) {
  /** @type {Map<string, Row<T>>} */
  let shown = new Map();
  return (items) => {
    const before = shown;
    shown = new Map(items.map((item) => [keyOf(item), before.get(keyOf(item)) ?? build()]));
    for (const item of items) shown.get(keyOf(item))?.update(item);
    for (const [key, row] of before) if (!shown.has(key)) row.element.remove();
    place(parent, [...shown.values()].map(({ element }) => element));
  };
}

/**
 * Move as little as possible: an element that is moved loses the focus.
 * @param {Element} parent
 * @param {HTMLElement[]} elements
 */
function place(parent, elements) {
  elements.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
}

/**
 * Put children in place of others, unless they say the same: what is read or marked stays.
 * @param {Element} element
 * @param {...(string | Node)} children
 */
export function say(element, ...children) {
  const made = h("div", {}, ...children);
  if (made.innerHTML !== element.innerHTML) element.replaceChildren(...made.childNodes);
}

/**
 * Return a table with its roles: on phones its rows are shown as cards, and browsers forget that it is one.
 * @param {string} label
 * @param {(string | Node)[]} columns
 * @param {Record<string, unknown>} [properties]
 */
export function table(label, columns, properties = {}) {
  const body = h("tbody", { role: "rowgroup" });
  const heads = columns.map((column) => h("th", { scope: "col", role: "columnheader" }, column));
  const head = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads));
  return { element: h("table", { role: "table", "aria-label": label, ...properties }, head, body), body };
}

/**
 * Return a row of a table, and a function that fills its cells; a cell that says the same stays. On phones, the name of
 * its column stands before each.
 * @param {number} count Of its cells.
 * @param {...Node} before Cells that stand before them.
 */
export function tableRow(count, ...before) {
  const cells = Array.from({ length: count }, () => h("td", { role: "cell" }));
  const element = h("tr", { role: "row" }, before, cells);
  const fill = (/** @type {[column: string, ...(string | Node)[]][]} */ contents) => cells.forEach((cell, at) => {
    const [column = "", ...children] = contents[at] ?? [];
    cell.dataset.column = String(column);
    say(cell, ...children);
  });
  return { element, fill };
}
