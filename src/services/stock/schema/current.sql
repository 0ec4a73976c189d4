-- The schema `stock` as its migrations have made it. Written by `npm run schema`; do not edit.

create table stock.movement (
  movement_id uuid not null,
  variant_id uuid not null,
  quantity bigint not null,
  reason text not null,
  note text,
  if_on_hand bigint,
  state text not null default 'requested'::text,
  created_at timestamp with time zone not null,
  constraint movement_pkey PRIMARY KEY (movement_id),
  constraint movement_reason_known CHECK ((reason = ANY (ARRAY['received'::text, 'returned'::text, 'damaged'::text, 'lost'::text, 'counted'::text, 'correction'::text]))),
  constraint movement_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'applied'::text, 'refused'::text])))
);

CREATE INDEX movement_by_variant ON stock.movement USING btree (variant_id, created_at DESC, movement_id DESC);

CREATE INDEX movement_unfinished ON stock.movement USING btree (created_at) WHERE (state = 'requested'::text);
