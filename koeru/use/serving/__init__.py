"""Trained voices behind HTTP: the API of VOICEVOX's engine, as far as these voices can, and a page that uses it."""
