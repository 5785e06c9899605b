"""What a configuration may say, and how it is read: entries, leaves, inheritance, references."""
