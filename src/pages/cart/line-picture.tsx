import { Picture } from '../card/picture.tsx';
import type { VariantName } from './variant-name.ts';

/** A small picture beside the name that it belongs to, so it says nothing of its own. */
export function LinePicture({ media }: Pick<VariantName, 'media'>) {
  return (
    <span class="line-picture">
      <Picture media={media} sizes="7rem" alt="" />
    </span>
  );
}
