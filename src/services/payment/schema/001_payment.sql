create schema payment;

create table payment.payment (
  -- Derived from order and key (derived-id.ts), so that a retry arrives at the same payment by the primary key alone.
  payment_id      uuid        not null,
  order_id        uuid        not null,
  -- The how manieth payment of its order: an order has only so many, lest cards be tried out on it.
  attempt         integer     not null,
  idempotency_key text        not null,
  -- 128 bits of a digest of the request, to tell a retry from another request under the same key.
  fingerprint     uuid        not null,
  state           text        not null,
  amount_minor    bigint      not null,
  -- Given back or promised to be: refunds count from the moment that they are begun.
  refunded_minor  bigint      not null default 0,
  currency        text        not null,
  provider        text        not null,
  -- The provider's token of the card, kept only while the payment may have to be asked for again.
  card            text,
  -- The provider's own name for the payment.
  reference       text,
  decline_reason  text,
  -- The order was cancelled, or never was this payment's: whatever is or will be captured goes back.
  is_unwanted     boolean     not null default false,
  -- Declined or let go although the order is settled by it: an order paid without money, which people must look at.
  is_order_settled boolean    not null default false,
  -- How often its outcome remained unknown.
  tries           integer     not null default 0,
  -- Until then somebody is at work on it; afterwards whoever finds it carries it on.
  lease_until     timestamptz not null,
  created_at      timestamptz not null,
  finished_at     timestamptz,
  constraint payment_pkey primary key (payment_id),
  -- Two who number the next payment of an order at once cannot both have the number.
  constraint payment_attempt_once_per_order unique (order_id, attempt),
  constraint payment_state_known check (state in ('started', 'captured', 'declined', 'voided')),
  constraint payment_attempt_positive check (attempt > 0),
  constraint payment_amount_not_negative check (amount_minor >= 0),
  constraint payment_refunded_within_captured check (
    refunded_minor between 0 and case state when 'captured' then amount_minor else 0 end
  ),
  constraint payment_currency_code check (currency ~ '^[A-Z]{3}$'),
  constraint payment_card_only_while_started check ((state = 'started') = (card is not null)),
  constraint payment_finished_unless_started check ((state = 'started') = (finished_at is null)),
  constraint payment_reason_only_if_declined check (decline_reason is null or state = 'declined'),
  constraint payment_order_settled_only_if_let_go check (not is_order_settled or state in ('declined', 'voided'))
);

-- The last line against charging an order twice. Money that goes back anyway does not count.
create unique index payment_captured_once_per_order on payment.payment (order_id)
  where state = 'captured' and not is_unwanted;

create index payment_started_lease on payment.payment (lease_until)
  where state = 'started';
comment on index payment.payment_started_lease is 'claimOverduePayments: what nobody is at work on any more';

create table payment.refund (
  refund_id    uuid        not null,
  payment_id   uuid        not null,
  amount_minor bigint      not null,
  currency     text        not null,
  state        text        not null default 'started',
  reason       text,
  tries        integer     not null default 0,
  lease_until  timestamptz not null,
  created_at   timestamptz not null,
  done_at      timestamptz,
  constraint refund_pkey primary key (refund_id),
  constraint refund_of_payment foreign key (payment_id) references payment.payment (payment_id),
  constraint refund_amount_positive check (amount_minor > 0),
  constraint refund_state_known check (state in ('started', 'done')),
  constraint refund_done_has_instant check ((state = 'done') = (done_at is not null))
);

create index refund_of_payment on payment.refund (payment_id);
comment on index payment.refund_of_payment is 'audits: the refunds of a payment';

create index refund_started_lease on payment.refund (lease_until)
  where state = 'started';
comment on index payment.refund_started_lease is 'claimOverdueRefunds: what nobody is at work on any more';

-- Double entry: the entries of one movement (a capture, a refund) sum to zero in each currency. Movements carry the id of
-- the payment or the refund that they book.
create table payment.ledger_entry (
  movement_id  uuid        not null,
  account      text        not null,
  currency     text        not null,
  -- Debit positive, credit negative.
  amount_minor bigint      not null,
  recorded_at  timestamptz not null,
  constraint ledger_entry_pkey primary key (movement_id, account),
  constraint ledger_entry_amount_not_zero check (amount_minor <> 0)
);

create function payment.refuse_unbalanced_movement() returns trigger language plpgsql as $$
begin
  if exists (select from written group by movement_id, currency having sum(amount_minor) <> 0) then
    raise exception 'the entries of a movement must sum to zero in each currency'
      using errcode = 'check_violation', constraint = 'ledger_entry_movement_balances';
  end if;
  return null;
end $$;

create trigger ledger_entry_movement_balances
  after insert on payment.ledger_entry
  referencing new table as written
  for each statement execute function payment.refuse_unbalanced_movement();

create function payment.refuse_rewriting_the_ledger() returns trigger language plpgsql as $$
begin
  raise exception 'ledger entries are never changed or removed: book a movement that reverses them'
    using errcode = 'check_violation', constraint = 'ledger_entry_is_final';
end $$;

create trigger ledger_entry_is_final
  before update or delete or truncate on payment.ledger_entry
  for each statement execute function payment.refuse_rewriting_the_ledger();

-- News that was dealt with: providers tell it more than once.
create table payment.webhook_event (
  provider    text        not null,
  event_id    text        not null,
  received_at timestamptz not null,
  constraint webhook_event_pkey primary key (provider, event_id)
);

create index webhook_event_age on payment.webhook_event (received_at);
comment on index payment.webhook_event_age is 'forgetWebhookEvents: those too old to be told again';
