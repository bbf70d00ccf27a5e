-- The latest second of a partner's clock that was accepted while it lay ahead of ours.
create table signed_ahead (
    partner_id text not null,
    upto bigint not null,
    primary key (partner_id)
);
