// Creates elements from text only: data from peers is never parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

export function byId(id) {
  return document.getElementById(id);
}

export function el(tag, { text, on = {}, ...attributes } = {}, ...children) {
  return fill(document.createElement(tag), text, on, attributes, children);
}

export function svg(tag, { text, on = {}, ...attributes } = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), text, on, attributes, children);
}

function fill(element, text, on, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  for (const [type, listener] of Object.entries(on)) {
    element.addEventListener(type, listener);
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  element.append(...children);
  return element;
}

// Changes the document only where necessary, so that a selection is kept
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function show(element, shown) {
  if (element.hidden === shown) {
    element.hidden = !shown;
  }
}

// Replaces the children by those of the keys, in order, and reuses existing ones
export class Keyed {
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    this.items = new Map();
  }

  update(entries) {
    const keys = new Set(entries.map(([key]) => key));
    for (const [key, item] of this.items) {
      if (!keys.has(key)) {
        this.items.delete(key);
        item.remove();
      }
    }
    entries.forEach(([key, value], index) => {
      let item = this.items.get(key);
      if (!item) {
        item = this.make(key, value);
        this.items.set(key, item);
      }
      item.update(value);
      if (this.parent.children[index] !== item.element) {
        this.parent.insertBefore(item.element, this.parent.children[index] ?? null);
      }
    });
  }
}
