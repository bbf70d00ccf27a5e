"""What Vestibule writes into its public log: pure functions over frozen values, no server."""
