create schema if not exists platform;

-- What of the shop is switched off, by hand or by a rule. A feature without a row is left to its rule, and on.
create table platform.feature_switch (
  name        text not null,
  position    text not null,
  -- The rule has switched it off; counts where the position leaves it to the rule.
  is_thrown   boolean not null default false,
  -- When a process last said that the rule's reason is still there.
  asserted_at timestamptz,
  reason      text not null,
  until_at    timestamptz,
  changed_at  timestamptz not null,
  constraint feature_switch_pkey primary key (name),
  constraint feature_switch_position check (position in ('on', 'off', 'rule'))
);

-- Every change that there ever was: who, when, why.
create table platform.feature_switch_change (
  change_id  bigint generated always as identity,
  name       text not null,
  position   text not null,
  is_off     boolean not null,
  who        text not null,
  reason     text not null,
  until_at   timestamptz,
  changed_at timestamptz not null,
  constraint feature_switch_change_pkey primary key (change_id)
);
