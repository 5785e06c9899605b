"""Voice conversion of parallel utterances: what one speaker says, as another would say it."""
