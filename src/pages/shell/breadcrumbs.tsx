import type { Collection } from '../../services/catalog/api.ts';
import { localPath, translated } from '../locale.ts';
import type { Shell } from './shell.ts';

/** Where a page is in the tree of collections. */
export function Breadcrumbs({
  shell,
  trail,
  label,
}: {
  shell: Shell;
  trail: readonly Pick<Collection, 'path' | 'title' | 'translations'>[];
  label: string;
}) {
  const { locale } = shell;
  return (
    <nav class="breadcrumbs" aria-label={label}>
      <ol>
        <li>
          <a href={localPath(locale, '/')}>{shell.shopName}</a>
        </li>
        {trail.map((collection) => (
          <li key={collection.path}>
            <a href={localPath(locale, `/collections/${collection.path}`)}>{translated(collection, 'title', locale)}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
