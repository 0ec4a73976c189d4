/** An instant, written by the server in UTC, in the visitor's own time zone. */
export class LocalTime extends HTMLElement {
  connectedCallback(): void {
    const atMs = Number(this.dataset.at);
    const language = document.documentElement.lang;
    this.textContent = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
  }
}
