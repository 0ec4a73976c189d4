-- Similarity of words, for forgiving typing errors in searches. Trusted: the owner of the database may create it.
create extension if not exists pg_trgm;

create schema catalog;

-- Stems English words and drops none: 'the who' must be found, too. Text comes to PostgreSQL folded and split into words
-- (search-text.ts), so that only these kinds of token occur.
create text search dictionary catalog.stem (template = snowball, language = english);
create text search configuration catalog.words (copy = pg_catalog.simple);
alter text search configuration catalog.words
  alter mapping for asciiword, word, numword with catalog.stem;

create table catalog.product (
  product_id   uuid not null,
  -- In byte order, whatever the database's locale: the export's pages are cut by it.
  slug         text collate "C" not null,
  state        text not null,
  title        text not null,
  -- The title folded for sorting: without case and accents.
  title_key    text collate "C" not null,
  description  text not null,
  vendor       text,
  option_names text[] not null,
  -- json, not jsonb: what a merchant wrote comes back in the order in which it was written.
  media        json not null,
  attributes   json not null,
  -- In which currencies it has a price, sorted.
  currencies   text[] not null,
  search       tsvector not null,
  -- Of the normal form of what was put (product-input.ts): equal input is recognised by it and changes nothing.
  content_hash bytea not null,
  version      bigint not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  constraint product_pkey primary key (product_id),
  constraint product_slug_unique unique (slug),
  constraint product_state_known check (state in ('draft', 'published', 'archived')),
  constraint product_version_positive check (version > 0)
);

-- Ids begin with the instant at which they were made, so their order is that of creation.
create index product_newest on catalog.product (product_id) where state = 'published';
comment on index catalog.product_newest is 'store-list.ts: listNewest, listUnpriced';

create index product_by_title on catalog.product (title_key, product_id) where state = 'published';
comment on index catalog.product_by_title is 'store-list.ts: listByTitle';

-- With the title, since those of one vendor tend to begin alike: walking product_by_title to them would take long.
create index product_by_vendor on catalog.product (vendor, title_key, product_id)
  where state = 'published' and vendor is not null;
comment on index catalog.product_by_vendor is 'store-list.ts: every list of one vendor';

create index product_search on catalog.product using gin (search) where state = 'published';
comment on index catalog.product_search is 'store-search.ts: findHits';

-- What is bought. A SKU keeps its variant id for good, since stock and orders refer to it: a variant that its product no
-- longer lists is retired (without a product, without prices), and comes back under the same id when a product lists
-- its SKU again.
create table catalog.variant (
  variant_id   uuid not null,
  sku          text collate "C" not null,
  product_id   uuid,
  -- Its place among the product's variants.
  position     integer not null,
  options      json not null,
  barcodes     text[] not null,
  weight_grams integer,
  constraint variant_pkey primary key (variant_id),
  constraint variant_sku_unique unique (sku),
  constraint variant_product_fkey foreign key (product_id) references catalog.product (product_id),
  constraint variant_weight_not_negative check (weight_grams >= 0)
);

create index variant_by_product on catalog.variant (product_id, position) where product_id is not null;
comment on index catalog.variant_by_product is 'store.ts: loadVariants, loadSellable; store-put.ts: loadKnown; store-list.ts: loadSummaries';

create table catalog.price (
  variant_id       uuid not null,
  currency         text not null,
  amount_minor     bigint not null,
  -- The struck-out price beside it.
  compare_at_minor bigint,
  constraint price_pkey primary key (variant_id, currency),
  constraint price_variant_fkey foreign key (variant_id) references catalog.variant (variant_id),
  constraint price_currency_form check (currency ~ '^[A-Z]{3}$'),
  constraint price_amount_bounded check (amount_minor between 0 and 1000000000000),
  constraint price_compare_at_bounded check (compare_at_minor between 0 and 1000000000000)
);

-- The lowest price of each published product in each of its currencies: what lists show, sort and filter by. Derived from
-- price, written together with it.
create table catalog.from_price (
  product_id       uuid not null,
  currency         text not null,
  amount_minor     bigint not null,
  compare_at_minor bigint,
  constraint from_price_pkey primary key (product_id, currency),
  constraint from_price_product_fkey foreign key (product_id) references catalog.product (product_id)
);

create index from_price_by_amount on catalog.from_price (currency, amount_minor, product_id);
comment on index catalog.from_price_by_amount is 'store-list.ts: listByPrice, listByPriceDown';

create table catalog.collection (
  collection_id uuid not null,
  -- In byte order, whatever the database's locale, so that parents come before their children.
  path          text collate "C" not null,
  parent_path   text collate "C",
  title         text not null,
  constraint collection_pkey primary key (collection_id),
  constraint collection_path_unique unique (path),
  constraint collection_parent_fkey foreign key (parent_path) references catalog.collection (path),
  constraint collection_parent_above check (path like parent_path || '/%')
);

-- A product is in the collections that its merchant named (is_direct) and in all above them, so that a list of a
-- collection including those below it reads one range of one index.
create table catalog.product_collection (
  product_id    uuid not null,
  collection_id uuid not null,
  is_direct     boolean not null,
  -- A copy from product, for the index.
  is_published  boolean not null,
  constraint product_collection_pkey primary key (product_id, collection_id),
  constraint product_collection_product_fkey foreign key (product_id) references catalog.product (product_id),
  constraint product_collection_collection_fkey foreign key (collection_id) references catalog.collection (collection_id)
);

create index product_collection_newest on catalog.product_collection (collection_id, product_id) where is_published;
comment on index catalog.product_collection_newest is 'store-list.ts: lists of a collection; store.ts: loadCollections counts by it';

-- Every word that ever stood in a title, vendor, option or attribute: what a mistyped word may have meant.
create table catalog.word (
  word text collate "C" not null,
  constraint word_pkey primary key (word)
);

create index word_similar on catalog.word using gin (word gin_trgm_ops);
comment on index catalog.word_similar is 'store-search.ts: findSimilarWords';
