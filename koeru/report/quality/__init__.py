"""The quality page of a dataset: what was kept and what excluded, and why, and what to listen to."""
