"""What runs inside a job: its node and its shards, command lines, progress, signals, locks, Slurm."""
