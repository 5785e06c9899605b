"""How an acoustic model is measured: baselines, accents, prosody, what it is told, alignment."""
