-- Cards that were read from a partner's own page; card_id says which page and campaign of whom.
create table registered_card (
    card_id bytea not null,
    partner_id text not null,
    card text not null,
    expires_at bigint not null,
    primary key (card_id)
);
create index registered_card_expires on registered_card (expires_at, card_id);
create index registered_card_partner on registered_card (partner_id, card_id);
