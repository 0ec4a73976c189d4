/** An instant, written by the server in UTC, in the visitor's own time zone. */
export class LocalTime extends HTMLElement {
  connectedCallback(): void {
    this.textContent = localTime(Number(this.dataset.at));
  }
}

/** An instant in the visitor's time zone, in the language of the page. */
export function localTime(atMs: number): string {
  const language = document.documentElement.lang;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
}
