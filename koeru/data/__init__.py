"""From features on disk to batches: splits, statistics, items."""
