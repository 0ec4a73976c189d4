-- Null: called by the word for a waiting room in the language of who reads it.
alter table waiting_room.room
  alter column name drop not null;
