-- What a dialog was sent with: the same again is the same message, anything else is refused.
alter table dialog add column choice bytea;
