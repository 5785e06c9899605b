"""Acoustic models: text to mel, by FastSpeech2 with accents, speakers, emotions and prosody."""
