"""The Inbox API's verbs, one module each. Data reach a partner only from here."""
