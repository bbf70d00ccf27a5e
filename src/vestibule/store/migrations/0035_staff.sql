-- Who works for the operator; a person with an account like any other.
create table staff (
    user_id bigint not null,
    added_at bigint not null,
    primary key (user_id)
);
