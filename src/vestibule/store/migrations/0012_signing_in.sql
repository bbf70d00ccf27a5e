-- Sessions are kept per person, so that she can list and end them; those from before are signed out once.
drop table session;
create table session (
    user_id bigint not null,
    session_hash bytea not null,
    created_at bigint not null,
    seen_at bigint not null,
    proved_at bigint not null,
    expires_at bigint not null,
    means text not null check (means in ('sign-up', 'password', 'passkey', 'recovery code')),
    browser text not null,
    primary key (user_id, session_hash)
);
create index session_expires on session (expires_at, user_id, session_hash);
-- Browsers that have signed in as this person: others' guesses do not shut them out.
create table known_device (
    user_id bigint not null,
    device_hash bytea not null,
    expires_at bigint not null,
    primary key (user_id, device_hash)
);
create index known_device_expires on known_device (expires_at, user_id, device_hash);
create table recovery_code (
    user_id bigint not null,
    code_hash bytea not null,
    primary key (user_id, code_hash)
);
-- When she deleted her account; what it held is destroyed as soon as no end of hers waits for the log.
alter table account add column deleted_at bigint;
