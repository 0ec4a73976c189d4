create schema cart;

-- Every change of a cart updates its row, so a page keeps room for new versions (heap-only updates touch no index).
create table cart.cart (
  -- Carries the instant at which the cart was begun: carts of long ago are found by it (store.ts, deleteAbandoned).
  cart_id          uuid not null,
  buyer_id         uuid not null,
  currency         text not null,
  contact          json,
  delivery_address json,
  delivery_method  text,
  coupon_code      text,
  version          integer not null default 1,
  updated_at       timestamptz not null,
  constraint cart_pkey primary key (cart_id),
  constraint cart_currency_code check (currency ~ '^[A-Z]{3}$'),
  constraint cart_version_positive check (version > 0)
) with (fillfactor = 70);

-- Two lines may be of the same variant. Lines change only under the lock of their cart's row, which also keeps their number.
create table cart.line (
  cart_id    uuid not null,
  line_id    uuid not null,
  variant_id uuid not null,
  quantity   integer not null,
  -- The order in which they were added, which no clock can disturb.
  position   integer not null,
  constraint line_pkey primary key (cart_id, line_id),
  constraint line_of_a_cart foreign key (cart_id) references cart.cart (cart_id) on delete cascade,
  constraint line_quantity_within_bounds check (quantity between 1 and 10000)
);

create table cart.delivery_method (
  code         text not null,
  currency     text not null,
  title        text not null,
  amount_minor bigint not null,
  position     integer not null,
  constraint delivery_method_pkey primary key (code, currency),
  constraint delivery_method_currency_code check (currency ~ '^[A-Z]{3}$'),
  constraint delivery_method_amount_within_bounds check (amount_minor between 0 and 1000000000000)
);

insert into cart.delivery_method (code, currency, title, amount_minor, position)
values ('standard', 'EUR', 'Standard delivery', 490, 1),
       ('standard', 'USD', 'Standard delivery', 500, 1),
       ('express', 'EUR', 'Express delivery', 1490, 2),
       ('express', 'USD', 'Express delivery', 1500, 2);
