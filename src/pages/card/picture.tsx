import { pictureSources, type ShownMedia } from '../../services/media/picture.ts';

/** A picture in the sizes that this place needs; an empty plate where there is none. */
export function Picture({
  media,
  sizes,
  isFirst,
  alt,
}: {
  media: ShownMedia | undefined;
  /** As the HTML attribute has it. */
  sizes: string;
  /** Seen without scrolling: loaded at once, before others. */
  isFirst?: boolean;
  /** Instead of its own: empty where the text beside it says the same. */
  alt?: string;
}) {
  const shown = media && pictureSources(media, sizes, { widthMax: 1920 });
  // A drawing is made for its plate and fills it; a photograph has a shape of its own and is shown whole.
  const kind = media !== undefined && !/\.svg($|\?)/i.test(media.url) ? 'picture picture--photo' : 'picture';
  if (shown === undefined) return <span class="picture picture--none" aria-hidden="true" />;
  return (
    <picture class={kind}>
      {shown.sources.map(({ type, srcset }) => (
        <source key={type} type={type} srcset={srcset} sizes={shown.sizes} />
      ))}
      <img
        src={shown.src}
        width={shown.width}
        height={shown.height}
        alt={alt ?? shown.alt}
        loading={isFirst ? undefined : 'lazy'}
        fetchpriority={isFirst ? 'high' : undefined}
        decoding="async"
      />
    </picture>
  );
}
