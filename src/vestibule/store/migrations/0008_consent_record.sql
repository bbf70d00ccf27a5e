-- What a person agreed to and how, one row for each time she did: what her consent receipt is made of.
create table consent_record (
    user_id bigint not null,
    connection_id bigint not null,
    issued bigint not null,
    consent text not null,
    agreed text not null,
    random bytea not null,
    primary key (user_id, connection_id, issued)
);
