"""Kinds of training: each is one folder with its entry, its stages, its task, its measurement and its page."""
