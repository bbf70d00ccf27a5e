-- lifting: the suspension that its suspender last asked to lift. Suspending again from then on makes a new one.
alter table partner_suspension add column lifting bigint not null default 0;
