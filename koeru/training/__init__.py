"""The training loop, its schedule and its checkpoints: nothing here knows of Snakemake."""
