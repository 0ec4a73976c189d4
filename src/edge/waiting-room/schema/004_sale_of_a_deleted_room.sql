-- The sale that a deleted room stood before. Quotes were made with its passes: until those expire, what is left of the sale's
-- variants is not another room's to promise (store-promises.ts). Null for rooms that were deleted before this was kept.
alter table waiting_room.progress
  add column deleted_sale_id uuid;
