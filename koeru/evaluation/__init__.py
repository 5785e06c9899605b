"""How a voice is measured: metrics, baselines, and the synthesis of held-out utterances."""
