"""Parts of networks that several families use: they take batches of tensors and know nothing of files."""
