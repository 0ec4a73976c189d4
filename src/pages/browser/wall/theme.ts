import { part } from './elements.ts';
import type { WallText } from './text.ts';

const storageKey = 'onrush-wall-theme';

/** The wall is dark, for it hangs where it is dark; light for who says so, and it is remembered on this screen. */
export function followTheme(text: WallText, onChange: () => void): void {
  const button = part<HTMLButtonElement>('theme');
  let isLight = remembered() === 'light' || new URLSearchParams(location.search).get('theme') === 'light';

  function apply(): void {
    document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
    button.textContent = isLight ? text.dark : text.light;
    onChange();
  }

  button.addEventListener('click', () => {
    isLight = !isLight;
    try {
      localStorage.setItem(storageKey, isLight ? 'light' : 'dark');
    } catch {
      // Storage may be forbidden; then the choice lasts as long as the page.
    }
    apply();
  });
  button.hidden = false;
  apply();
}

function remembered(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
