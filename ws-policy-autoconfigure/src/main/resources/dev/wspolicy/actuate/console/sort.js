// Sorts the rows of a table by one of its columns, whose headers become buttons.

import { el } from "./dom.js";

const collator = new Intl.Collator("en", { numeric: true });

// An order, which is written as the name of a column, after a minus sign if it is descending
export class Order {
  constructor(column, descending) {
    this.column = column;
    this.descending = descending;
  }

  static parse(text, columns) {
    const descending = text?.startsWith("-") ?? false;
    const column = text?.slice(descending ? 1 : 0);
    return column !== undefined && Object.hasOwn(columns, column) ? new Order(column, descending) : undefined;
  }

  toString() {
    return `${this.descending ? "-" : ""}${this.column}`;
  }

  // Rows without a value come last, and rows with the same value stay in their order
  apply(rows, columns) {
    const value = columns[this.column];
    const sign = this.descending ? -1 : 1;
    return rows.map((row) => ({ row, value: value(row) })).sort((one, other) => {
      if (one.value === undefined || other.value === undefined) {
        return (one.value === undefined) - (other.value === undefined);
      }
      return sign * (typeof one.value === "string" ? collator.compare(one.value, other.value) : one.value - other.value);
    }).map(({ row }) => row);
  }
}

export class SortableHeaders {
  #headers;

  // choose(order) is called with the order that a click asks for: numbers and times begin with the largest
  constructor(head, choose) {
    this.#headers = [...head.querySelectorAll("[data-sort]")];
    for (const header of this.#headers) {
      const column = header.dataset.sort;
      const numeric = header.classList.contains("number");
      const button = el("button", { type: "button", class: "sort", on: { click: () => {
        const shown = header.getAttribute("aria-sort");
        choose(new Order(column, shown ? shown === "ascending" : numeric));
      } } });
      button.append(...header.childNodes);
      header.append(button);
    }
  }

  show(order) {
    for (const header of this.#headers) {
      if (header.dataset.sort === order.column) {
        header.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      } else {
        header.removeAttribute("aria-sort");
      }
    }
  }
}
