-- What opens the commitment to messages picked by hand (ledger/picked.py); null for other grants.
alter table consent_record add column picked text;
