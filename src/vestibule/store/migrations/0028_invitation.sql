-- A recommendation for whoever is handed the link; taken_by: who took it. Nothing says for whom it was meant.
create table invitation (
    invitation_hash bytea not null,
    sender_id bigint not null,
    partner_id text not null,
    dialog_hash bytea not null,
    card text not null,
    surface text not null,
    interface text not null,
    variant text not null,
    note text not null,
    expires_at bigint not null,
    taken_by bigint,
    primary key (invitation_hash)
);
create index invitation_expires on invitation (expires_at, invitation_hash);
