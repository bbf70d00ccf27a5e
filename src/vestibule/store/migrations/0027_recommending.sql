-- kid: a child's account, which recommends nothing through partners.
alter table account add column kid smallint not null default 0;
-- Who sent how much through which partner, for a day: what the limits count.
create table recommending (
    user_id bigint not null,
    dialog_hash bytea not null,
    partner_id text not null,
    recipients bigint not null,
    sent_at bigint not null,
    primary key (user_id, dialog_hash)
);
create index recommending_time on recommending (sent_at, user_id, dialog_hash);
-- Whose recommendations somebody does not want to see.
create table mute (
    user_id bigint not null,
    partner_id text not null,
    muted_at bigint not null,
    primary key (user_id, partner_id)
);
-- A recommendation that a recipient reported, for the operator; state: 'open' or 'settled'.
create table recommendation_report (
    partner_id text not null,
    conversation_id bigint not null,
    seq bigint not null,
    user_id bigint not null,
    event_index bigint not null,
    card text not null,
    reason text not null,
    words text not null,
    reported_at bigint not null,
    state text not null check (state in ('open', 'settled')),
    primary key (partner_id, conversation_id, seq, user_id)
);
create index recommendation_report_open on recommendation_report (reported_at, partner_id) where state = 'open';
