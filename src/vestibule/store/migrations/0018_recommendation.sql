-- What was recommended to a person through a partner while it was let know; place: grows within the connection.
create table recommendation (
    user_id bigint not null,
    connection_id bigint not null,
    place bigint not null,
    event_index bigint not null,
    card text not null,
    day bigint not null,
    primary key (user_id, connection_id, place)
);
create index recommendation_of_event on recommendation (user_id, connection_id, event_index);
create index recommendation_day on recommendation (day, user_id, connection_id, place);
