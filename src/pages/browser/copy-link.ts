/** A link in a field, with a button that copies it; without a script the field is there to copy from. */
export class CopyLink extends HTMLElement {
  connectedCallback(): void {
    const field = this.querySelector('input');
    const button = this.querySelector('button');
    if (field === null || button === null || navigator.clipboard === undefined) return;
    button.hidden = false;
    field.addEventListener('focus', () => field.select());
    button.addEventListener('click', async () => {
      field.select();
      await navigator.clipboard.writeText(field.value).catch(() => {});
      button.textContent = this.dataset.copied ?? '';
    });
  }
}
