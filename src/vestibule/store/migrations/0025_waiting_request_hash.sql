-- What stands for a request is kept as a hash here too. The rows are of half an hour at most.
drop table waiting_request;
create table waiting_request (
    user_id bigint not null,
    partner_id text not null,
    request_hash bytea not null,
    primary key (user_id, partner_id)
);
