"""What is told before anything runs: what is stale and why, what it will cost, what corpora there are."""
