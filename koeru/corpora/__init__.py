"""Corpora as delivered: one adapter a format."""
