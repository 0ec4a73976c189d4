-- The schema `checkout` as its migrations have made it. Written by `npm run schema`; do not edit.

create table checkout.allotment (
  subject_id uuid not null,
  granted bigint not null default 0,
  reserved bigint not null default 0,
  sold bigint not null default 0,
  constraint allotment_pkey PRIMARY KEY (subject_id),
  constraint allotment_counts_not_negative CHECK (((granted >= 0) AND (reserved >= 0) AND (sold >= 0))),
  constraint allotment_never_oversold CHECK (((reserved + sold) <= granted))
);

create table checkout.allotment_grant (
  grant_id uuid not null,
  subject_id uuid not null,
  quantity bigint not null,
  granted_at timestamp with time zone not null default now(),
  constraint allotment_grant_pkey PRIMARY KEY (grant_id)
);

create table checkout.buyer_taking (
  limit_id uuid not null,
  buyer_id uuid not null,
  taken integer not null,
  limit_max integer not null,
  constraint buyer_taking_pkey PRIMARY KEY (limit_id, buyer_id),
  constraint buyer_taking_within_limit CHECK (((taken >= 0) AND (taken <= limit_max)))
);

create table checkout.order_line (
  order_id uuid not null,
  line_no smallint not null,
  variant_id uuid not null,
  quantity integer not null,
  unit_price_minor bigint not null,
  discount_minor bigint not null,
  total_minor bigint not null,
  limit_id uuid,
  sku text not null,
  title text not null,
  instrument_max integer,
  constraint order_line_pkey PRIMARY KEY (order_id, line_no),
  constraint order_line_quantity_positive CHECK ((quantity > 0)),
  constraint order_line_total_adds_up CHECK (((total_minor = ((unit_price_minor * quantity) - discount_minor)) AND (total_minor >= 0)))
);

create table checkout.purchase_order (
  order_id uuid not null,
  buyer_id uuid not null,
  state text not null default 'placed'::text,
  currency text not null,
  total_minor bigint not null,
  coupon_id uuid,
  coupon_limit_id uuid,
  placed_at timestamp with time zone not null,
  pay_by_at timestamp with time zone not null,
  paid_at timestamp with time zone,
  ended_at timestamp with time zone,
  payment_id uuid,
  details json not null,
  is_counted boolean not null default false,
  client_prefix text,
  constraint purchase_order_pkey PRIMARY KEY (order_id),
  constraint purchase_order_paid_by_a_payment CHECK (((state <> ALL (ARRAY['paid'::text, 'fulfilled'::text])) OR ((payment_id IS NOT NULL) AND (paid_at IS NOT NULL)))),
  constraint purchase_order_state_known CHECK ((state = ANY (ARRAY['placed'::text, 'paid'::text, 'fulfilled'::text, 'cancelled'::text, 'expired'::text]))),
  constraint purchase_order_total_not_negative CHECK ((total_minor >= 0))
);

CREATE INDEX purchase_order_overdue ON checkout.purchase_order USING btree (pay_by_at) WHERE (state = 'placed'::text);

CREATE INDEX purchase_order_unpaid_of_buyer ON checkout.purchase_order USING btree (buyer_id) WHERE ((state = 'placed'::text) AND is_counted);

CREATE INDEX purchase_order_unpaid_of_network ON checkout.purchase_order USING btree (client_prefix) WHERE ((state = 'placed'::text) AND (client_prefix IS NOT NULL));

CREATE INDEX purchase_order_unpaid_of_site ON checkout.purchase_order USING btree (split_part(client_prefix, '.'::text, 1)) WHERE ((state = 'placed'::text) AND (client_prefix IS NOT NULL));

create table checkout.used_pass (
  room_id uuid not null,
  place bigint not null,
  order_id uuid not null,
  used_at timestamp with time zone not null default now(),
  constraint used_pass_pkey PRIMARY KEY (room_id, place),
  constraint used_pass_place_not_negative CHECK ((place >= 0))
);
