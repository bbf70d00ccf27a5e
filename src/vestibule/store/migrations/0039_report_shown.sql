-- What anybody may see of an edition; kept: what is not shown of it, which no later edition may show.
create table report_shown (
    partner_id text not null,
    first_day bigint not null,
    edition bigint not null,
    shown text not null,
    kept text not null,
    primary key (partner_id, first_day, edition)
);
