/** An element of the wall by the name that the page gives it. That it is there is between page and script. */
export function part<E extends HTMLElement = HTMLElement>(name: string): E {
  const element = document.querySelector<E>(`[data-part="${name}"]`);
  if (element === null) throw new Error(`the wall has no part ${name}`);
  return element;
}

/** Writes a text where it is not already: what does not change is not laid out anew. */
export function say(name: string, text: string): void {
  const element = document.querySelector(`[data-figure="${name}"]`);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

export function make(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** Sets a text of an element that was made, where it has changed. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
