create table connection (
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    state text not null check (state in ('waiting', 'active', 'ended')),
    version bigint not null,
    grant_json text not null,
    leaf_index bigint,
    created_at bigint not null,
    changed_at bigint not null,
    last_used_at bigint,
    end_waits smallint not null,
    primary key (user_id, connection_id)
);
-- What a person decided about her own words in conversations that others share with a partner.
create table agreement (
    user_id bigint not null,
    partner_id text not null,
    agreed smallint not null,
    changed_at bigint not null,
    primary key (user_id, partner_id)
);
create table authorization_code (
    code_hash bytea not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    redirect_uri text not null,
    challenge text not null,
    expires_at bigint not null,
    primary key (code_hash)
);
create table token (
    token_hash bytea not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    expires_at bigint not null,
    primary key (token_hash)
);
create index authorization_code_expires on authorization_code (expires_at, code_hash);
create index token_expires on token (expires_at, token_hash);
