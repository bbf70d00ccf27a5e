create table log_state (
    log_id text not null,
    owner text not null,
    fence bigint not null,
    lease_until bigint not null,
    size bigint not null,
    last_day bigint not null,
    checkpoint text not null,
    primary key (log_id)
);
create table entry (
    log_id text not null,
    idx bigint not null,
    leaf bytea not null,
    primary key (log_id, idx)
);
-- next: the counter the lane's next event gets.
create table lane (
    log_id text not null,
    partner_id text not null,
    lane text not null,
    subject bytea not null,
    proof bytea not null,
    next bigint not null,
    primary key (log_id, partner_id, lane, subject)
);
create table opening (
    log_id text not null,
    subject bytea not null,
    partner_id text not null,
    lane text not null,
    counter bigint not null,
    idx bigint not null,
    r bytea not null,
    private text not null,
    primary key (log_id, subject, partner_id, lane, counter)
);
-- One row per append: a retry under the same event id finds the leaves it already has.
create table appended (
    log_id text not null,
    event_id bytea not null,
    indexes text not null,
    primary key (log_id, event_id)
);
-- What an event sets in motion, written with its leaf and applied once under its index.
create table effect (
    log_id text not null,
    idx bigint not null,
    topic text not null,
    body text not null,
    primary key (log_id, idx)
);
