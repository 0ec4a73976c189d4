/**
 * A picture that cannot be had shows the plate of a product without one, not the browser's torn icon. Errors of pictures do
 * not bubble, so they are caught on their way down; those that failed before this script ran are looked for.
 */
export function markBrokenPictures(document: Document): void {
  document.addEventListener('error', ({ target }) => mark(target), { capture: true });
  for (const image of document.querySelectorAll<HTMLImageElement>('.picture img')) {
    // One that is put off until it is near says that it is not complete.
    if (image.complete && image.currentSrc !== '' && image.naturalWidth === 0) mark(image);
  }
}

function mark(target: EventTarget | null): void {
  if (target instanceof HTMLImageElement) target.closest('.picture')?.classList.add('picture--none');
}
