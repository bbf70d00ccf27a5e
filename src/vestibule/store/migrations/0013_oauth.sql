-- Codes and tokens of before were bound to no key; they end, and the connections behind them go on.
drop table authorization_code;
drop table token;
-- user_id: who opened it first, and alone may decide. proposed: the grant that she was shown.
create table authorization_request (
    request_hash bytea not null,
    partner_id text not null,
    redirect_uri text not null,
    challenge text not null,
    state text not null,
    details text not null,
    jkt text,
    user_id bigint,
    proposed text,
    decided smallint not null,
    expires_at bigint not null,
    primary key (request_hash)
);
create index authorization_request_expires on authorization_request (expires_at, request_hash);
-- A code is kept until it would have expired, so that a second use is seen.
create table authorization_code (
    code_hash bytea not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    redirect_uri text not null,
    challenge text not null,
    jkt text,
    uses bigint not null,
    expires_at bigint not null,
    primary key (code_hash)
);
create index authorization_code_expires on authorization_code (expires_at, code_hash);
-- code_hash: the code that the token goes back to.
create table token (
    token_hash bytea not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    jkt text not null,
    code_hash bytea not null,
    issued_at bigint not null,
    expires_at bigint not null,
    primary key (token_hash)
);
create index token_expires on token (expires_at, token_hash);
create index token_code on token (code_hash);
create table refresh_token (
    token_hash bytea not null,
    user_id bigint not null,
    connection_id bigint not null,
    partner_id text not null,
    jkt text not null,
    code_hash bytea not null,
    issued_at bigint not null,
    expires_at bigint not null,
    primary key (token_hash)
);
create index refresh_token_expires on refresh_token (expires_at, token_hash);
create index refresh_token_code on refresh_token (code_hash);
