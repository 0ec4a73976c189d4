-- How many units of a limit (a sale's item) one means of payment pays for, however many buyers it plays. The instrument is a
-- code that only the shop can make of what the provider tells of it: no card, and nothing that leads back to one.
create table payment.instrument_taking (
  limit_id   uuid not null,
  instrument text not null,
  taken      integer not null,
  limit_max  integer not null,
  constraint instrument_taking_pkey primary key (limit_id, instrument),
  constraint instrument_taking_within_limit check (taken between 0 and limit_max)
);

-- What was decided of each payment whose instrument is counted, once and for all: a payment that was refused and is asked
-- about again, after a crash, say, must not be let through when something has come back meanwhile, for its money may be let go.
create table payment.instrument_decision (
  payment_id uuid not null,
  instrument text not null,
  state      text not null,
  limit_ids  uuid[] not null,
  quantities integer[] not null,
  constraint instrument_decision_pkey primary key (payment_id),
  constraint instrument_decision_state_known check (state in ('taken', 'refused', 'returned')),
  constraint instrument_decision_quantities_fit check (cardinality(limit_ids) = cardinality(quantities))
);
