-- Who acts for a partner in the console; a person with an account like any other.
create table partner_member (
    user_id bigint not null,
    partner_id text not null,
    added_at bigint not null,
    primary key (user_id, partner_id)
);
create index partner_member_partner on partner_member (partner_id, user_id);
-- A privilege that a partner asks for. ceiling: how many people it expects at most, null where it does not say;
-- agreement: hex SHA-256; pictures: JSON; key_id, signature: of the partner, empty until it has signed;
-- words: what the operator said to it; leaf_index: of the privilege that it was granted.
create table privilege_request (
    partner_id text not null,
    request_id bigint not null,
    asked_by bigint not null,
    asked_at bigint not null,
    scope text not null,
    purpose text not null,
    ceiling bigint,
    until_day bigint not null,
    agreement text not null,
    agreement_name text not null,
    agreement_size bigint not null,
    pictures text not null,
    key_id text not null,
    signature text not null,
    state text not null check (state in ('unsigned', 'open', 'granted', 'declined')),
    words text not null,
    decided_at bigint not null default 0,
    leaf_index bigint,
    primary key (partner_id, request_id)
);
create index privilege_request_state on privilege_request (state, asked_at, partner_id, request_id);
