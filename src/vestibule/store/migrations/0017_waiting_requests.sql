-- The newest request of each partner that a person has opened, for as long as it can be decided on.
create table waiting_request (
    user_id bigint not null,
    partner_id text not null,
    request_uri text not null,
    primary key (user_id, partner_id)
);
