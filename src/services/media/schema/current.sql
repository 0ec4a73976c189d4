-- The schema `media` as its migrations have made it. Written by `npm run schema`; do not edit.

create table media.media (
  media_id text not null,
  type text not null,
  width integer not null,
  height integer not null,
  byte_count integer not null,
  alt text,
  name text,
  created_at timestamp with time zone not null,
  constraint media_pkey PRIMARY KEY (media_id),
  constraint media_id_form CHECK ((media_id ~ '^[A-Za-z0-9_-]{22}$'::text)),
  constraint media_size_positive CHECK (((width > 0) AND (height > 0) AND (byte_count > 0))),
  constraint media_type_known CHECK ((type = ANY (ARRAY['image/jpeg'::text, 'image/png'::text, 'image/webp'::text, 'image/avif'::text, 'image/gif'::text, 'image/svg+xml'::text])))
);

CREATE INDEX media_by_age ON media.media USING btree (created_at DESC, media_id DESC);
