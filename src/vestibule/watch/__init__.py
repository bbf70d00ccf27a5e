"""Following a log from outside: what is new in it, and whether it still is the log it was."""
