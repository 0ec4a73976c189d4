alter table demo.first add column note text;
