"""Vocoders: mel to sound, by HiFi-GAN, from published weights or from nothing."""
