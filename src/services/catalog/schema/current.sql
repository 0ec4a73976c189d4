-- The schema `catalog` as its migrations have made it. Written by `npm run schema`; do not edit.

create table catalog.collection (
  collection_id uuid not null,
  path text not null,
  parent_path text,
  title text not null,
  description text not null default ''::text,
  media jsonb,
  translations jsonb not null default '{}'::jsonb,
  constraint collection_path_unique UNIQUE (path),
  constraint collection_pkey PRIMARY KEY (collection_id),
  constraint collection_parent_fkey FOREIGN KEY (parent_path) REFERENCES catalog.collection(path),
  constraint collection_parent_above CHECK ((path ~~ (parent_path || '/%'::text)))
);

create table catalog.from_price (
  product_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  compare_at_minor bigint,
  constraint from_price_pkey PRIMARY KEY (product_id, currency),
  constraint from_price_product_fkey FOREIGN KEY (product_id) REFERENCES catalog.product(product_id)
);

CREATE INDEX from_price_by_amount ON catalog.from_price USING btree (currency, amount_minor, product_id);

create table catalog.price (
  variant_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  compare_at_minor bigint,
  constraint price_pkey PRIMARY KEY (variant_id, currency),
  constraint price_variant_fkey FOREIGN KEY (variant_id) REFERENCES catalog.variant(variant_id),
  constraint price_amount_bounded CHECK (((amount_minor >= 0) AND (amount_minor <= '1000000000000'::bigint))),
  constraint price_compare_at_bounded CHECK (((compare_at_minor >= 0) AND (compare_at_minor <= '1000000000000'::bigint))),
  constraint price_currency_form CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

create table catalog.product (
  product_id uuid not null,
  slug text not null,
  state text not null,
  title text not null,
  title_key text not null,
  description text not null,
  vendor text,
  option_names text[] not null,
  media json not null,
  attributes json not null,
  currencies text[] not null,
  search tsvector not null,
  content_hash bytea not null,
  version bigint not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  translations json not null default '{}'::json,
  translated_title_keys text[] not null default '{}'::text[],
  constraint product_slug_unique UNIQUE (slug),
  constraint product_pkey PRIMARY KEY (product_id),
  constraint product_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'archived'::text]))),
  constraint product_version_positive CHECK ((version > 0))
);

CREATE INDEX product_by_title ON catalog.product USING btree (title_key, product_id) WHERE (state = 'published'::text);

CREATE INDEX product_by_vendor ON catalog.product USING btree (vendor, title_key, product_id) WHERE ((state = 'published'::text) AND (vendor IS NOT NULL));

CREATE INDEX product_newest ON catalog.product USING btree (product_id) WHERE (state = 'published'::text);

CREATE INDEX product_search ON catalog.product USING gin (search) WHERE (state = 'published'::text);

create table catalog.product_collection (
  product_id uuid not null,
  collection_id uuid not null,
  is_direct boolean not null,
  is_published boolean not null,
  constraint product_collection_pkey PRIMARY KEY (product_id, collection_id),
  constraint product_collection_collection_fkey FOREIGN KEY (collection_id) REFERENCES catalog.collection(collection_id),
  constraint product_collection_product_fkey FOREIGN KEY (product_id) REFERENCES catalog.product(product_id)
);

CREATE INDEX product_collection_newest ON catalog.product_collection USING btree (collection_id, product_id) WHERE is_published;

create table catalog.variant (
  variant_id uuid not null,
  sku text not null,
  product_id uuid,
  position integer not null,
  options json not null,
  barcodes text[] not null,
  weight_grams integer,
  constraint variant_sku_unique UNIQUE (sku),
  constraint variant_pkey PRIMARY KEY (variant_id),
  constraint variant_product_fkey FOREIGN KEY (product_id) REFERENCES catalog.product(product_id),
  constraint variant_weight_not_negative CHECK ((weight_grams >= 0))
);

CREATE INDEX variant_by_product ON catalog.variant USING btree (product_id, "position") WHERE (product_id IS NOT NULL);

create table catalog.word (
  word text not null,
  constraint word_pkey PRIMARY KEY (word)
);

CREATE INDEX word_similar ON catalog.word USING gin (word gin_trgm_ops);
