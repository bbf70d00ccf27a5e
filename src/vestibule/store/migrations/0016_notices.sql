-- since_at: when the member let the app in; reach: a word of connections/grants.py.
alter table reader add column since_at bigint not null default 0;
alter table reader add column reach text not null default 'conversations';
-- What a member is told of who can read her conversation; version: the connection's, by which telling twice is once.
create table notice (
    user_id bigint not null,
    conversation_id bigint not null,
    connection_id bigint not null,
    version bigint not null,
    what text not null check (what in ('let in', 'changed', 'left')),
    through_id bigint not null,
    partner_id text not null,
    happened_at bigint not null,
    seen smallint not null,
    primary key (user_id, conversation_id, connection_id, version, what)
);
create index notice_unseen on notice (user_id, conversation_id) where seen = 0;
