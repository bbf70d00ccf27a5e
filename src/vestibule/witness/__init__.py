"""A C2SP tlog-witness: cosigns a log's checkpoints for as long as each only appends to the one before."""
