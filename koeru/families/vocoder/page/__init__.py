"""The page of a vocoder."""
