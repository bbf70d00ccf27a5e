-- What a person decided about her own words where others let a partner read: for all conversations, and for one.
-- Without a row: only the partners chosen in the table agreement, and by default none.
create table words (
    user_id bigint not null,
    who text not null check (who in ('nobody', 'chosen', 'anyone')),
    changed_at bigint not null,
    primary key (user_id)
);
create table words_here (
    user_id bigint not null,
    conversation_id bigint not null,
    who text not null check (who in ('nobody', 'anyone')),
    changed_at bigint not null,
    primary key (user_id, conversation_id)
);
