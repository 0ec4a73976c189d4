create schema promotion;

-- A flash sale as it was planned. One that was ended early keeps its plan; it is not open again, whatever the clock does.
create table promotion.sale (
  sale_id   uuid not null,
  name      text not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  ended_at  timestamptz,
  constraint sale_pkey primary key (sale_id),
  constraint sale_starts_before_it_ends check (starts_at < ends_at)
);

-- What a variant costs in a sale, per currency. The item is the same in every currency, so that its limit per buyer is too.
create table promotion.sale_item (
  sale_id         uuid not null,
  variant_id      uuid not null,
  currency        text not null,
  sale_item_id    uuid not null,
  amount_minor    bigint not null,
  limit_per_buyer integer,
  constraint sale_item_pkey primary key (sale_id, variant_id, currency),
  constraint sale_item_of_a_sale foreign key (sale_id) references promotion.sale (sale_id) on delete cascade,
  constraint sale_item_currency_code check (currency ~ '^[A-Z]{3}$'),
  constraint sale_item_amount_within_bounds check (amount_minor between 0 and 1000000000000),
  constraint sale_item_limit_positive check (limit_per_buyer > 0)
);

create table promotion.price_rule (
  rule_id         uuid not null,
  name            text not null,
  -- A percentage (basis_points) or a fixed amount (amount_minor, currency): one of the two.
  basis_points    integer,
  amount_minor    bigint,
  currency        text,
  -- A collection and what is below it, or some variants; neither: everything.
  collection_path text,
  variant_ids     uuid[],
  starts_at       timestamptz,
  ends_at         timestamptz,
  coupon_code     text,
  -- How codes are compared (coupon.ts): the code without surrounding blanks, composed, in lower case.
  coupon_key      text,
  redemptions_max integer,
  limit_per_buyer integer,
  constraint price_rule_pkey primary key (rule_id),
  constraint price_rule_one_reduction check (num_nonnulls(basis_points, amount_minor) = 1),
  constraint price_rule_fixed_has_currency check ((amount_minor is null) = (currency is null)),
  constraint price_rule_basis_points_within_bounds check (basis_points between 1 and 10000),
  constraint price_rule_amount_within_bounds check (amount_minor between 0 and 1000000000000),
  constraint price_rule_one_scope check (num_nonnulls(collection_path, variant_ids) <= 1),
  constraint price_rule_starts_before_it_ends check (starts_at < ends_at),
  constraint price_rule_coupon_is_comparable check ((coupon_code is null) = (coupon_key is null)),
  constraint price_rule_only_coupons_are_limited
    check (coupon_code is not null or num_nonnulls(redemptions_max, limit_per_buyer) = 0),
  constraint price_rule_limits_positive check (redemptions_max > 0 and limit_per_buyer > 0),
  constraint price_rule_coupon_unique unique (coupon_key)
);

-- Redemptions of a limited coupon that checkout was asked to allot, or to take back. Written before checkout is asked:
-- what a crash leaves in doubt is asked for again under the same id by the next who changes the rule.
create table promotion.coupon_grant (
  grant_id     uuid not null,
  rule_id      uuid not null,
  quantity     bigint not null,
  state        text not null default 'requested',
  requested_at timestamptz not null,
  constraint coupon_grant_pkey primary key (grant_id),
  constraint coupon_grant_state_known check (state in ('requested', 'applied', 'refused'))
);

-- For what a rule has been granted so far (store.ts, requestGrant and loadGranted).
create index coupon_grant_by_rule on promotion.coupon_grant (rule_id);
