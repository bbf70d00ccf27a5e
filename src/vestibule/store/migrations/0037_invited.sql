-- Which invitations a person made, so that she can look at them and withdraw them.
create table invited (
    user_id bigint not null,
    invitation_hash bytea not null,
    expires_at bigint not null,
    primary key (user_id, invitation_hash)
);
create index invited_expires on invited (expires_at, user_id, invitation_hash);
