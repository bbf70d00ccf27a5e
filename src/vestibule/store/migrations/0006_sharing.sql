create table dialog (
    dialog_hash bytea not null,
    partner_id text not null,
    card text not null,
    return_uri text not null,
    state text not null,
    expires_at bigint not null,
    sent_by bigint,
    primary key (dialog_hash)
);
create index dialog_expires on dialog (expires_at, dialog_hash);
create table click_link (
    link_hash bytea not null,
    partner_id text not null,
    conversation_id bigint not null,
    sender_id bigint not null,
    target text not null,
    created_at bigint not null,
    primary key (link_hash)
);
-- counted_for: who clicked, where the click counts; clicks that do not count name nobody.
create table click (
    link_hash bytea not null,
    click_id bigint not null,
    clicked_at bigint not null,
    counted smallint not null,
    reason text not null,
    counted_for bigint,
    primary key (link_hash, click_id)
);
