create schema stock;

-- The ledger of every change of how many units exist, with its reason. Never updated but in its state, never deleted.
-- requested → applied: checkout's allotment has it. requested → refused: fewer units were available than it takes away, or
-- other than if_on_hand were there. A refused one that is asked for again may still be applied; an applied one stays so.
create table stock.movement (
  movement_id uuid not null,
  variant_id  uuid not null,
  quantity    bigint not null,
  reason      text not null,
  note        text,
  -- A count: it holds only while so many units are on hand, so that of two who counted the same shelf one is refused.
  if_on_hand  bigint,
  state       text not null default 'requested',
  created_at  timestamptz not null,
  constraint movement_pkey primary key (movement_id),
  constraint movement_reason_known check (reason in ('received', 'returned', 'damaged', 'lost', 'counted', 'correction')),
  constraint movement_state_known check (state in ('requested', 'applied', 'refused'))
);

-- For a variant's ledger, newest first (store.ts, listMovements).
create index movement_by_variant on stock.movement (variant_id, created_at desc, movement_id desc);

-- For finding movements that a crash left half done (store.ts, loadUnfinished).
create index movement_unfinished on stock.movement (created_at) where state = 'requested';
