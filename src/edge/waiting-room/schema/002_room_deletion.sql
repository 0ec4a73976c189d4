-- The counters of a room outlive it. Were it made again by the same id, its numbers and places must go on: a ticket names its room
-- and number, and a pass is used up by room and place (checkout.used_pass).
alter table waiting_room.line
  drop constraint line_room_fkey;
alter table waiting_room.progress
  drop constraint progress_room_fkey;
