-- What is agreed with a partner about its reports; looked_to: the first day of the fortnight to be looked at next.
create table report_terms (
    partner_id text not null,
    tolerance bigint not null,
    looked_to bigint not null,
    primary key (partner_id)
);
-- A fortnight in which something was counted for a partner; reminded: how often it was told that it is due.
create table report_owed (
    partner_id text not null,
    first_day bigint not null,
    reminded bigint not null,
    primary key (partner_id, first_day)
);
-- An edition of a report, 0 where none came in time; ours and theirs: the tables in their canonical form.
create table report (
    partner_id text not null,
    first_day bigint not null,
    edition bigint not null,
    filed_at bigint not null,
    media_type text not null,
    signature text not null,
    file bytea not null,
    verdict text not null,
    tolerance bigint not null,
    ours bytea not null,
    theirs bytea not null,
    our_key bytea not null,
    their_key bytea not null,
    our_code bytea not null,
    their_code bytea not null,
    leaf_index bigint,
    leaf_day bigint,
    primary key (partner_id, first_day, edition)
);
