-- projected_seq: up to where the members' inbox rows are known to have followed last_seq.
create table conversation (
    conversation_id bigint not null,
    kind text not null check (kind in ('pair', 'group', 'imported')),
    title text not null,
    last_seq bigint not null,
    projected_seq bigint not null,
    created_at bigint not null,
    primary key (conversation_id)
);
create table pair_claim (
    pair text not null,
    conversation_id bigint not null,
    primary key (pair)
);
-- blocks: this member of a pair has blocked the other one, as of blocks_at; follows the table block.
create table member (
    conversation_id bigint not null,
    user_id bigint not null,
    joined_at bigint not null,
    blocks smallint not null,
    blocks_at bigint not null,
    primary key (conversation_id, user_id)
);
-- A message "via" a partner cannot be stored without the index of its event in the log.
create table message (
    conversation_id bigint not null,
    seq bigint not null,
    sender_id bigint not null,
    sender_name text not null,
    client_key text not null,
    sent_at bigint not null,
    body text not null,
    card text,
    via_partner text,
    event_index bigint,
    extra text,
    primary key (conversation_id, seq),
    unique (conversation_id, sender_id, client_key),
    check (via_partner is null or event_index is not null)
);
create index message_by_sender on message (conversation_id, sender_id, seq);
create table inbox (
    user_id bigint not null,
    conversation_id bigint not null,
    last_seq bigint not null,
    last_at bigint not null,
    read_seq bigint not null,
    primary key (user_id, conversation_id)
);
create table imported_thread (
    user_id bigint not null,
    source text not null,
    conversation_id bigint not null,
    primary key (user_id, source)
);
-- Who can read this conversation through which partner: shown to every member.
create table reader (
    conversation_id bigint not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    primary key (conversation_id, user_id, connection_id)
);
