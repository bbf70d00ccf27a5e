-- How many bytes of files a person has attached to messages, the same file counted once.
create table attached (
    user_id bigint not null,
    bytes bigint not null,
    primary key (user_id)
);
-- Which files those are, by the SHA-256 of each.
create table attached_file (
    user_id bigint not null,
    sha256 bytea not null,
    primary key (user_id, sha256)
);
