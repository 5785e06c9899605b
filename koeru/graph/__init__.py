"""What depends on what, and where it lies: stages, nodes and their keys, the plan, the store, views."""
