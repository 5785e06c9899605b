"""Neural networks: they take batches of tensors and know nothing of files."""
