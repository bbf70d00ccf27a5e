-- reply_to: the message that this one answers; answers_via: the partner which that one came through, kept here so
-- that choosing what came through a partner needs no join. taken_back: index of the event in the log that deleted it.
alter table message add column reply_to bigint;
alter table message add column answers_via text;
alter table message add column taken_back bigint;
