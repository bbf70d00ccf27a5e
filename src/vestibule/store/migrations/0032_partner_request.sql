-- A partner's newest requests and what was decided: a ring, slot = number modulo its length.
create table partner_request (
    partner_id text not null,
    slot bigint not null,
    number bigint not null,
    at bigint not null,
    method text not null,
    path text not null,
    key_id text not null,
    status bigint not null,
    millis bigint not null,
    code text not null,
    reason text not null,
    primary key (partner_id, slot)
);
create index partner_request_number on partner_request (partner_id, number);
create index partner_request_at on partner_request (at, partner_id, slot);
