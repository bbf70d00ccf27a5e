-- Shard key of each table: the first column of its primary key (docs/adr/0005).
create table account (
    user_id bigint not null,
    handle text not null,
    name text not null,
    subject bytea not null,
    password_hash text not null,
    created_at bigint not null,
    primary key (user_id)
);
create table handle_claim (
    handle text not null,
    user_id bigint not null,
    primary key (handle)
);
create table session (
    session_hash bytea not null,
    user_id bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (session_hash)
);
-- The row under the lower of the two ids is the truth; the other is its mirror and follows through the outbox.
create table friendship (
    user_id bigint not null,
    friend_id bigint not null,
    state text not null check (state in ('none', 'asked', 'asking', 'friends')),
    changed_at bigint not null,
    primary key (user_id, friend_id)
);
-- A block that was lifted stays as a row with blocked 0, so that late repetitions can be told from news.
create table block (
    user_id bigint not null,
    blocked_id bigint not null,
    blocked smallint not null,
    changed_at bigint not null,
    primary key (user_id, blocked_id)
);
create table outbox (
    owner bigint not null,
    outbox_id bigint not null,
    topic text not null,
    body text not null,
    primary key (owner, outbox_id)
);
