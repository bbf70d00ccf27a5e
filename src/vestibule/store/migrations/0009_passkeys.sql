-- public_key: COSE_Key bytes. sign_count: the authenticator's own counter, 0 where it has none.
create table passkey (
    user_id bigint not null,
    credential_id bytea not null,
    user_handle bytea not null,
    public_key bytea not null,
    sign_count bigint not null,
    name text not null,
    created_at bigint not null,
    used_at bigint,
    primary key (user_id, credential_id)
);
-- Whose a credential is: each is one person's, and an answer without a handle names nothing else.
create table passkey_claim (
    credential_id bytea not null,
    user_id bigint not null,
    primary key (credential_id)
);
-- Challenges that were answered, until they are too old to be answered again.
create table spent_challenge (
    challenge_hash bytea not null,
    expires_at bigint not null,
    primary key (challenge_hash)
);
create index spent_challenge_expires on spent_challenge (expires_at, challenge_hash);
