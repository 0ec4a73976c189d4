-- The schema `promotion` as its migrations have made it. Written by `npm run schema`; do not edit.

create table promotion.coupon_grant (
  grant_id uuid not null,
  rule_id uuid not null,
  quantity bigint not null,
  state text not null default 'requested'::text,
  requested_at timestamp with time zone not null,
  constraint coupon_grant_pkey PRIMARY KEY (grant_id),
  constraint coupon_grant_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'applied'::text, 'refused'::text])))
);

CREATE INDEX coupon_grant_by_rule ON promotion.coupon_grant USING btree (rule_id);

create table promotion.price_rule (
  rule_id uuid not null,
  name text not null,
  basis_points integer,
  amount_minor bigint,
  currency text,
  collection_path text,
  variant_ids uuid[],
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  coupon_code text,
  coupon_key text,
  redemptions_max integer,
  limit_per_buyer integer,
  constraint price_rule_coupon_unique UNIQUE (coupon_key),
  constraint price_rule_pkey PRIMARY KEY (rule_id),
  constraint price_rule_amount_within_bounds CHECK (((amount_minor >= 0) AND (amount_minor <= '1000000000000'::bigint))),
  constraint price_rule_basis_points_within_bounds CHECK (((basis_points >= 1) AND (basis_points <= 10000))),
  constraint price_rule_coupon_is_comparable CHECK (((coupon_code IS NULL) = (coupon_key IS NULL))),
  constraint price_rule_fixed_has_currency CHECK (((amount_minor IS NULL) = (currency IS NULL))),
  constraint price_rule_limits_positive CHECK (((redemptions_max > 0) AND (limit_per_buyer > 0))),
  constraint price_rule_one_reduction CHECK ((num_nonnulls(basis_points, amount_minor) = 1)),
  constraint price_rule_one_scope CHECK ((num_nonnulls(collection_path, variant_ids) <= 1)),
  constraint price_rule_only_coupons_are_limited CHECK (((coupon_code IS NOT NULL) OR (num_nonnulls(redemptions_max, limit_per_buyer) = 0))),
  constraint price_rule_starts_before_it_ends CHECK ((starts_at < ends_at))
);

create table promotion.sale (
  sale_id uuid not null,
  name text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  pay_within_ms integer,
  is_held_until_start boolean not null default false,
  constraint sale_pkey PRIMARY KEY (sale_id),
  constraint sale_pay_within_positive CHECK ((pay_within_ms > 0)),
  constraint sale_starts_before_it_ends CHECK ((starts_at < ends_at))
);

create table promotion.sale_item (
  sale_id uuid not null,
  variant_id uuid not null,
  currency text not null,
  sale_item_id uuid not null,
  amount_minor bigint not null,
  limit_per_buyer integer,
  limit_per_instrument integer,
  constraint sale_item_pkey PRIMARY KEY (sale_id, variant_id, currency),
  constraint sale_item_of_a_sale FOREIGN KEY (sale_id) REFERENCES promotion.sale(sale_id) ON DELETE CASCADE,
  constraint sale_item_amount_within_bounds CHECK (((amount_minor >= 0) AND (amount_minor <= '1000000000000'::bigint))),
  constraint sale_item_currency_code CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint sale_item_instrument_limit_positive CHECK ((limit_per_instrument > 0)),
  constraint sale_item_limit_positive CHECK ((limit_per_buyer > 0))
);
