const digits = '0123456789';

/**
 * A number whose digits roll. Its characters are counted from the right, so that a digit more at the left moves none of the
 * others. What rolls is for the eye; the number as text stands beside it for who listens.
 */
export class Odometer {
  readonly #shown: HTMLElement;
  readonly #said: HTMLElement;
  /** From the right. */
  #cells: Cell[] = [];
  #text: string | undefined;

  constructor(host: HTMLElement) {
    this.#shown = document.createElement('span');
    this.#shown.className = 'odometer__cells';
    this.#shown.ariaHidden = 'true';
    this.#said = document.createElement('span');
    this.#said.className = 'unseen';
    host.replaceChildren(this.#shown, this.#said);
    host.classList.add('odometer');
  }

  /** `parts` as `Intl` makes them: digits roll, all else stands still. */
  show(parts: readonly { readonly type: string; readonly value: string }[]): void {
    const text = parts.map(({ value }) => value).join('');
    if (text === this.#text) return;
    this.#text = text;
    this.#said.textContent = text;
    const wanted = [...parts.flatMap(({ type, value }) => [...value].map((char) => ({ char, type })))].reverse();
    this.#shown.style.setProperty('--chars', String(widthOf(wanted)));
    wanted.forEach(({ char, type }, index) => {
      let cell = this.#cells[index];
      if (cell === undefined || cell.isDigit !== digits.includes(char)) {
        const made = digits.includes(char) ? digitCell() : plainCell();
        if (cell === undefined) this.#shown.prepend(made.element);
        else cell.element.replaceWith(made.element);
        this.#cells[index] = made;
        cell = made;
      }
      cell.element.classList.toggle('odometer__fine', isFine(type));
      cell.set(char);
    });
    for (const { element } of this.#cells.splice(wanted.length)) element.remove();
  }
}

/** Currency and cents are told small, so that what counts can be large. */
function isFine(type: string): boolean {
  return type === 'fraction' || type === 'decimal' || type === 'currency';
}

/** How many digits wide the number is, in steps of two: its size must not change with every digit more. */
function widthOf(chars: readonly { readonly type: string; readonly char: string }[]): number {
  const width = chars.reduce((sum, { type, char }) => {
    const ems = digits.includes(char) ? 1 : type === 'currency' ? 1.2 : 0.5;
    return sum + (isFine(type) ? 0.5 * ems : ems);
  }, 0);
  return Math.max(6, Math.ceil(width / 2) * 2);
}

interface Cell {
  readonly isDigit: boolean;
  readonly element: HTMLElement;
  set(char: string): void;
}

function digitCell(): Cell {
  const element = document.createElement('span');
  element.className = 'odometer__digit';
  const reel = document.createElement('span');
  reel.className = 'odometer__reel';
  reel.textContent = [...digits].join('\n');
  element.append(reel);
  return {
    isDigit: true,
    element,
    set(char) {
      reel.style.setProperty('--digit', char);
    },
  };
}

function plainCell(): Cell {
  const element = document.createElement('span');
  element.className = 'odometer__plain';
  return {
    isDigit: false,
    element,
    set(char) {
      element.textContent = char;
    },
  };
}
