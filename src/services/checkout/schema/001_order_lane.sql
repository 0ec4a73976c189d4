create schema checkout;

-- What this shard may sell: units of a variant, or redemptions of a limited coupon. One hot row is updated once per batch
-- of orders, so a page keeps free room for its new versions (heap-only updates touch no index).
create table checkout.allotment (
  subject_id uuid not null,
  granted    bigint not null default 0,
  reserved   bigint not null default 0,
  sold       bigint not null default 0,
  constraint allotment_pkey primary key (subject_id),
  constraint allotment_counts_not_negative check (granted >= 0 and reserved >= 0 and sold >= 0),
  -- The last line against overselling (I1): a wrong query fails here rather than promise a unit twice.
  constraint allotment_never_oversold check (reserved + sold <= granted)
) with (fillfactor = 50);

-- Each dealing of units by id, so that a repeated one is known.
create table checkout.allotment_grant (
  grant_id   uuid not null,
  subject_id uuid not null,
  quantity   bigint not null,
  granted_at timestamptz not null default now(),
  constraint allotment_grant_pkey primary key (grant_id)
);

create table checkout.purchase_order (
  order_id        uuid not null,
  buyer_id        uuid not null,
  state           text not null default 'placed',
  currency        text not null,
  total_minor     bigint not null,
  -- A limited coupon that the order took one redemption of.
  coupon_id       uuid,
  coupon_limit_id uuid,
  placed_at       timestamptz not null,
  pay_by_at       timestamptz not null,
  paid_at         timestamptz,
  ended_at        timestamptz,
  payment_id      uuid,
  -- What the order shows but nothing decides on: delivery, tax, coupon, contact and address.
  details         json not null,
  constraint purchase_order_pkey primary key (order_id),
  constraint purchase_order_state_known check (state in ('placed', 'paid', 'fulfilled', 'cancelled', 'expired')),
  constraint purchase_order_total_not_negative check (total_minor >= 0),
  constraint purchase_order_paid_by_a_payment
    check (state not in ('paid', 'fulfilled') or (payment_id is not null and paid_at is not null))
) with (fillfactor = 85);

-- For finding orders whose payment is overdue (store.ts, loadOverdue).
create index purchase_order_overdue on checkout.purchase_order (pay_by_at) where state = 'placed';

create table checkout.order_line (
  order_id         uuid not null,
  line_no          smallint not null,
  variant_id       uuid not null,
  quantity         integer not null,
  unit_price_minor bigint not null,
  discount_minor   bigint not null,
  total_minor      bigint not null,
  limit_id         uuid,
  sku              text not null,
  title            text not null,
  constraint order_line_pkey primary key (order_id, line_no),
  constraint order_line_quantity_positive check (quantity > 0),
  constraint order_line_total_adds_up check (total_minor = unit_price_minor * quantity - discount_minor and total_minor >= 0)
);

-- How much one buyer holds under one limit: units of a sale's item, redemptions of a coupon. Every limit belongs to one
-- allotment, whose row lock serialises those who would change it.
create table checkout.buyer_taking (
  limit_id  uuid not null,
  buyer_id  uuid not null,
  taken     integer not null,
  limit_max integer not null,
  constraint buyer_taking_pkey primary key (limit_id, buyer_id),
  constraint buyer_taking_within_limit check (taken between 0 and limit_max)
);
