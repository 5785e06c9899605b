"""The page of a recogniser."""
