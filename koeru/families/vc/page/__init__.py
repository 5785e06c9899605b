"""The page of an experiment in voice conversion."""
