-- Where a partner wants to be told of what; topics: words with blanks between them; disabled: why, or empty.
create table webhook_endpoint (
    partner_id text not null,
    url text not null,
    topics text not null,
    since_at bigint not null,
    disabled text not null,
    accepted_at bigint not null,
    failures bigint not null,
    paused_until bigint not null,
    primary key (partner_id)
);
-- One thing to tell a partner; place and number: what of the connection it is; body: once it is on record.
create table webhook (
    partner_id text not null,
    webhook_id bigint not null,
    topic text not null,
    user_id bigint not null,
    connection_id bigint not null,
    place bigint not null,
    number bigint not null,
    word text not null,
    noted_at bigint not null,
    state text not null check (state in ('noted', 'due', 'accepted', 'given up', 'dropped')),
    body text not null,
    tries bigint not null,
    due_at bigint not null,
    primary key (partner_id, webhook_id)
);
create unique index webhook_once on webhook (partner_id, topic, connection_id, place, number);
create index webhook_waiting on webhook (partner_id, state, due_at, webhook_id);
create index webhook_noted_at on webhook (noted_at, partner_id, webhook_id);
-- What came of each try: an HTTP status, 0 without one; the first of the answer, or why there was none.
create table webhook_try (
    partner_id text not null,
    webhook_id bigint not null,
    tried_at bigint not null,
    status bigint not null,
    millis bigint not null,
    answer text not null,
    primary key (partner_id, webhook_id, tried_at)
);
create index webhook_try_at on webhook_try (tried_at, partner_id, webhook_id);
