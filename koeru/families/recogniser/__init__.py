"""Recognisers: what was said, and when, from a recording."""
