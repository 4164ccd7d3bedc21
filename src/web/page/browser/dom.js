// All that comes from the director becomes text nodes and nothing else.
export const by = (id) => document.getElementById(id);

export function element(name, { text, className, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** Only what is otherwise is written: a selection, and what a screen reader has read, stays. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, name, value) {
  if (node.getAttribute(name) !== `${value}`) node.setAttribute(name, `${value}`);
}

/** Makes the children of `parent` those of `items`, and keeps the ones that are there. */
export function list(parent, items, keyOf, make, update) {
  const before = new Map(Array.from(parent.children, (child) => [child.dataset.key, child]));
  let last = null;
  for (const item of items) {
    const key = `${keyOf(item)}`;
    let child = before.get(key);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = key;
    }
    before.delete(key);
    update(child, item);
    const next = last === null ? parent.firstElementChild : last.nextElementSibling;
    if (child !== next) parent.insertBefore(child, next);
    last = child;
  }
  for (const gone of before.values()) gone.remove();
}
