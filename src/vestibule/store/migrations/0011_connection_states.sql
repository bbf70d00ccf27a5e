-- Every leaf of every grant, so that each gets its end once: `standing`, `ending` (its end waits), `ended`.
-- The first grant of a connection has the connection's own id.
create table grant_leaf (
    user_id bigint not null,
    connection_id bigint not null,
    grant_id bigint not null,
    scope text not null,
    partner_id text not null,
    leaf_index bigint not null,
    state text not null check (state in ('standing', 'ending', 'ended')),
    why text not null,
    primary key (user_id, connection_id, grant_id, scope)
);
create index grant_leaf_ending on grant_leaf (user_id) where state = 'ending';
-- Connections of the first form end here: their grants had one purpose for all scopes, their tokens no key.
insert into grant_leaf (user_id, connection_id, grant_id, scope, partner_id, leaf_index, state, why)
select user_id, connection_id, connection_id, 'messages.read', partner_id, leaf_index,
    case when state = 'active' or end_waits = 1 then 'ending' else 'ended' end, 'ended'
from connection where leaf_index is not null;
delete from reader;
drop table connection;
-- suspended_by: words of connections/states.py with a space between. standing: the grant whose leaves are live
-- in the log; pending: the one whose leaves are awaited. active_at: when it last became active.
create table connection (
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    state text not null check (state in ('waiting', 'active', 'suspended', 'ended')),
    suspended_by text not null,
    standing bigint,
    pending bigint,
    version bigint not null,
    grant_json text not null,
    consent text not null,
    agreed text not null,
    until_day bigint not null,
    created_at bigint not null,
    changed_at bigint not null,
    active_at bigint not null,
    last_used_at bigint,
    primary key (user_id, connection_id)
);
create unique index connection_not_ended on connection (user_id, partner_id) where state <> 'ended';
-- Whose id a partner was given for a person (docs/log.md, lanes, tags and ids).
create table known_as (
    person text not null,
    partner_id text not null,
    user_id bigint not null,
    primary key (person)
);
