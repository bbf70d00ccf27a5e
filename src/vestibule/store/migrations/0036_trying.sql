-- tried_by: whose person for trying an account is; empty for everybody else.
alter table account add column tried_by text not null default '';
create table trial_person (
    partner_id text not null,
    handle text not null,
    added_at bigint not null,
    primary key (partner_id, handle)
);
