/** What a description is made of: a line is a paragraph, lines that begin with a bullet are a list. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] };

// A hyphen needs a space after it: "-40 °C" is no bullet.
const bullet = /^\s*(?:[•·▪●]\s*|[-–*]\s+)(?=\S)/;

export function blocks(text: string): Block[] {
  const found: (Block & { items?: string[] })[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === '') continue;
    if (!bullet.test(line)) {
      found.push({ kind: 'paragraph', text: line.trim() });
      continue;
    }
    const item = line.replace(bullet, '').trim();
    const last = found.at(-1);
    if (last?.kind === 'list') last.items.push(item);
    else found.push({ kind: 'list', items: [item] });
  }
  return found;
}
