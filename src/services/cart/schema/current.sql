-- The schema `cart` as its migrations have made it. Written by `npm run schema`; do not edit.

create table cart.cart (
  cart_id uuid not null,
  buyer_id uuid not null,
  currency text not null,
  contact json,
  delivery_address json,
  delivery_method text,
  coupon_code text,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  constraint cart_pkey PRIMARY KEY (cart_id),
  constraint cart_currency_code CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint cart_version_positive CHECK ((version > 0))
);

create table cart.delivery_method (
  code text not null,
  currency text not null,
  title text not null,
  amount_minor bigint not null,
  position integer not null,
  constraint delivery_method_pkey PRIMARY KEY (code, currency),
  constraint delivery_method_amount_within_bounds CHECK (((amount_minor >= 0) AND (amount_minor <= '1000000000000'::bigint))),
  constraint delivery_method_currency_code CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

create table cart.line (
  cart_id uuid not null,
  line_id uuid not null,
  variant_id uuid not null,
  quantity integer not null,
  position integer not null,
  seen_unit_price_minor bigint,
  constraint line_pkey PRIMARY KEY (cart_id, line_id),
  constraint line_of_a_cart FOREIGN KEY (cart_id) REFERENCES cart.cart(cart_id) ON DELETE CASCADE,
  constraint line_quantity_within_bounds CHECK (((quantity >= 1) AND (quantity <= 10000))),
  constraint line_seen_price_within_bounds CHECK (((seen_unit_price_minor >= 0) AND (seen_unit_price_minor <= '1000000000000'::bigint)))
);
