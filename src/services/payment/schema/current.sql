-- The schema `payment` as its migrations have made it. Written by `npm run schema`; do not edit.

create table payment.instrument_decision (
  payment_id uuid not null,
  instrument text not null,
  state text not null,
  limit_ids uuid[] not null,
  quantities integer[] not null,
  constraint instrument_decision_pkey PRIMARY KEY (payment_id),
  constraint instrument_decision_quantities_fit CHECK ((cardinality(limit_ids) = cardinality(quantities))),
  constraint instrument_decision_state_known CHECK ((state = ANY (ARRAY['taken'::text, 'refused'::text, 'returned'::text])))
);

create table payment.instrument_taking (
  limit_id uuid not null,
  instrument text not null,
  taken integer not null,
  limit_max integer not null,
  constraint instrument_taking_pkey PRIMARY KEY (limit_id, instrument),
  constraint instrument_taking_within_limit CHECK (((taken >= 0) AND (taken <= limit_max)))
);

create table payment.ledger_entry (
  movement_id uuid not null,
  account text not null,
  currency text not null,
  amount_minor bigint not null,
  recorded_at timestamp with time zone not null,
  constraint ledger_entry_pkey PRIMARY KEY (movement_id, account),
  constraint ledger_entry_amount_not_zero CHECK ((amount_minor <> 0))
);

create table payment.payment (
  payment_id uuid not null,
  order_id uuid not null,
  attempt integer not null,
  idempotency_key text not null,
  fingerprint uuid not null,
  state text not null,
  amount_minor bigint not null,
  refunded_minor bigint not null default 0,
  currency text not null,
  provider text not null,
  card text,
  reference text,
  decline_reason text,
  is_unwanted boolean not null default false,
  is_order_settled boolean not null default false,
  tries integer not null default 0,
  lease_until timestamp with time zone not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint payment_attempt_once_per_order UNIQUE (order_id, attempt),
  constraint payment_pkey PRIMARY KEY (payment_id),
  constraint payment_amount_not_negative CHECK ((amount_minor >= 0)),
  constraint payment_attempt_positive CHECK ((attempt > 0)),
  constraint payment_card_only_while_started CHECK (((state = 'started'::text) = (card IS NOT NULL))),
  constraint payment_currency_code CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint payment_finished_unless_started CHECK (((state = 'started'::text) = (finished_at IS NULL))),
  constraint payment_order_settled_only_if_let_go CHECK (((NOT is_order_settled) OR (state = ANY (ARRAY['declined'::text, 'voided'::text])))),
  constraint payment_reason_only_if_declined CHECK (((decline_reason IS NULL) OR (state = 'declined'::text))),
  constraint payment_refunded_within_captured CHECK (((refunded_minor >= 0) AND (refunded_minor <=
CASE state
    WHEN 'captured'::text THEN amount_minor
    ELSE (0)::bigint
END))),
  constraint payment_state_known CHECK ((state = ANY (ARRAY['started'::text, 'captured'::text, 'declined'::text, 'voided'::text])))
);

CREATE UNIQUE INDEX payment_captured_once_per_order ON payment.payment USING btree (order_id) WHERE ((state = 'captured'::text) AND (NOT is_unwanted));

CREATE INDEX payment_started_lease ON payment.payment USING btree (lease_until) WHERE (state = 'started'::text);

create table payment.refund (
  refund_id uuid not null,
  payment_id uuid not null,
  amount_minor bigint not null,
  currency text not null,
  state text not null default 'started'::text,
  reason text,
  tries integer not null default 0,
  lease_until timestamp with time zone not null,
  created_at timestamp with time zone not null,
  done_at timestamp with time zone,
  constraint refund_pkey PRIMARY KEY (refund_id),
  constraint refund_of_payment FOREIGN KEY (payment_id) REFERENCES payment.payment(payment_id),
  constraint refund_amount_positive CHECK ((amount_minor > 0)),
  constraint refund_done_has_instant CHECK (((state = 'done'::text) = (done_at IS NOT NULL))),
  constraint refund_state_known CHECK ((state = ANY (ARRAY['started'::text, 'done'::text])))
);

CREATE INDEX refund_started_lease ON payment.refund USING btree (lease_until) WHERE (state = 'started'::text);

create table payment.webhook_event (
  provider text not null,
  event_id text not null,
  received_at timestamp with time zone not null,
  constraint webhook_event_pkey PRIMARY KEY (provider, event_id)
);

CREATE INDEX webhook_event_age ON payment.webhook_event USING btree (received_at);

CREATE OR REPLACE FUNCTION payment.refuse_rewriting_the_ledger()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'ledger entries are never changed or removed: book a movement that reverses them'
    using errcode = 'check_violation', constraint = 'ledger_entry_is_final';
end $function$;

CREATE OR REPLACE FUNCTION payment.refuse_unbalanced_movement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from written group by movement_id, currency having sum(amount_minor) <> 0) then
    raise exception 'the entries of a movement must sum to zero in each currency'
      using errcode = 'check_violation', constraint = 'ledger_entry_movement_balances';
  end if;
  return null;
end $function$;

CREATE TRIGGER ledger_entry_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON payment.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION payment.refuse_rewriting_the_ledger();

CREATE TRIGGER ledger_entry_movement_balances AFTER INSERT ON payment.ledger_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION payment.refuse_unbalanced_movement();
