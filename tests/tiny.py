"""The leaves of a model that trains in a second."""

TINY_MODEL = {
    "hidden": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "filter_size": 16,
    "kernel_sizes": [3, 1],
    "variance_filter_size": 16,
    "postnet_layers": 0,
}
TINY_PROSODY = {
    "local_prosody": True,
    "global_prosody": True,
    "num_gaussians": 2,
    "global_num_gaussians": 2,
    "prosody_emb_dim": 4,
    "prosody_filter_size": 8,
    "prosody_gru_size": 8,
}
