"""HTTP to addresses that strangers choose: it reaches the public internet and nothing else."""
