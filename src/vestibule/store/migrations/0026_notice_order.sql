-- By which the oldest are found when they are forgotten.
create index notice_of_person on notice (user_id, happened_at);
create index notice_happened on notice (happened_at);
