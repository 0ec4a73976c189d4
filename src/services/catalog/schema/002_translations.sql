-- By language (BCP 47 tag): title, description, attributes, and a glossary of options.
-- json, not jsonb: attributes come back in the order in which they were written.
alter table catalog.product
  add column translations          json not null default '{}',
  -- The translated titles, folded as title_key is: what a search compares with what was typed.
  add column translated_title_keys text[] not null default '{}';

alter table catalog.collection
  add column description  text not null default '',
  add column media        jsonb,
  -- By language: title and description.
  add column translations jsonb not null default '{}';
