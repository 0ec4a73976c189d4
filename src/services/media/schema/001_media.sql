create schema media;

-- Pictures that were uploaded. Their bytes are files (platform/storage): a row is written when the file is whole, so that
-- what has a row can be shown.
create table media.media (
  -- From the SHA-256 of the bytes as they were uploaded: base64url, the first 132 bits.
  media_id   text not null,
  type       text not null,
  -- Pixels, turned as the picture is shown.
  width      integer not null,
  height     integer not null,
  -- Of the file as it is kept.
  byte_count integer not null,
  alt        text,
  name       text,
  created_at timestamptz not null,
  constraint media_pkey primary key (media_id),
  constraint media_id_form check (media_id ~ '^[A-Za-z0-9_-]{22}$'),
  constraint media_type_known
    check (type in ('image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/svg+xml')),
  constraint media_size_positive check (width > 0 and height > 0 and byte_count > 0)
);

-- For the list of all, newest first (store.ts, listMedia).
create index media_by_age on media.media (created_at desc, media_id desc);
