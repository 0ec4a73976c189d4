create schema demo; create table demo.first (id integer primary key);
