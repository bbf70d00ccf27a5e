-- reconciled_size: how many leaves the partner's last count covers; reconciled_after: the one before it.
create table partner (
    partner_id text not null,
    legal_entity text not null,
    name text not null,
    home_origin text not null,
    redirect_uris text not null,
    leaf_index bigint not null,
    created_at bigint not null,
    reconciled_size bigint not null default 0,
    reconciled_after bigint not null default 0,
    primary key (partner_id)
);
create table partner_key (
    partner_id text not null,
    key_id text not null,
    public bytea not null,
    from_day bigint not null,
    until_day bigint,
    leaf_index bigint not null,
    primary key (partner_id, key_id)
);
create table privilege (
    partner_id text not null,
    scope text not null,
    version bigint not null,
    purpose text not null,
    agreement text not null,
    until_day bigint not null,
    state text not null check (state in ('held', 'withdrawn')),
    leaf_index bigint not null,
    primary key (partner_id, scope)
);
