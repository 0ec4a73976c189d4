-- When the row was last written, which is once more when the lot's place is reckoned: every process reads what has been told since it looked.
alter table waiting_room.departure
  rename column left_at to told_at;

-- The places that are passed over are in memory now; those called whose holders have left are still asked for (store.ts, loadDemand).
