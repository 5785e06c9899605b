"""Plots and pages: what a dataset holds and what an experiment has learned."""
