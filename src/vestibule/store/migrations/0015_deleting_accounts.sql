-- When everything that an account held was destroyed, its subject too.
alter table account add column destroyed_at bigint;
create index account_deleted on account (deleted_at, user_id);
