-- kept_back: the answer that the event is of never left, because what it stood on had changed.
alter table opening add column kept_back smallint not null default 0;
-- A partner's events in the order of the log.
create index opening_of_partner on opening (log_id, partner_id, lane, idx);
