-- For what is old enough to be deleted (store-retention.ts, deleteOldCalls).
create index call_by_age on waiting_room.call (called_at);
