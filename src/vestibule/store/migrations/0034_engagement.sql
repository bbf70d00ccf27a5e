-- counted: whether this dialog is among the engagement events.
alter table dialog add column counted smallint not null default 0;
-- delivered: whether its message arrived.
alter table sent add column delivered smallint not null default 0;
-- What happened to recommendations, until it is in a file; batch: which writing takes it there, 0 none yet.
-- No person is in it: person is her key of the fortnight.
create table engagement (
    event_id bigint not null,
    batch bigint not null,
    day bigint not null,
    partner_id text not null,
    kind text not null check (kind in ('dialog', 'send', 'delivery', 'click', 'mute', 'report')),
    interface text not null,
    surface text not null,
    variant text not null,
    campaign text not null,
    recipient_kind text not null,
    counted smallint not null,
    person bytea not null,
    primary key (event_id)
);
create index engagement_batch on engagement (batch, event_id);
-- What a fortnight's keys of people are made with; forgotten later, so that nobody can make them again.
create table engagement_salt (
    first_day bigint not null,
    salt bytea not null,
    primary key (first_day)
);
