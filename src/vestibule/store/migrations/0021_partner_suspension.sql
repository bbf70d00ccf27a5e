-- Partners suspended as a whole, by `operator` or `partner`. version grows with every suspension; recorded: the one
-- whose leaf stands in the log.
create table partner_suspension (
    partner_id text not null,
    suspender text not null check (suspender in ('operator', 'partner')),
    state text not null check (state in ('suspended', 'lifted')),
    version bigint not null,
    recorded bigint not null,
    primary key (partner_id, suspender)
);
