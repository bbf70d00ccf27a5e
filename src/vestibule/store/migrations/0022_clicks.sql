-- Where the partner showed its button, in its own words, and how the recipients stand to it: '' in a group,
-- where they differ.
alter table click_link add column surface text not null default '';
alter table click_link add column interface text not null default '';
alter table click_link add column variant text not null default '';
alter table click_link add column campaign text not null default '';
alter table click_link add column recipient_kind text not null default '';
-- value_hash: SHA-256 of the one-time value that a counted click took along to the partner.
alter table click add column value_hash bytea;
alter table click add column recipient_kind text not null default '';
create index click_named on click (clicked_at, link_hash, click_id) where counted_for is not null;
-- One row for each send event of the dialog: what a report of sends counts. No person is in it.
create table sent (
    partner_id text not null,
    event_index bigint not null,
    dialog_hash bytea not null,
    surface text not null,
    interface text not null,
    variant text not null,
    campaign text not null,
    recipient_kind text not null,
    sent_at bigint not null,
    primary key (partner_id, event_index)
);
