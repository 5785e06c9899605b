"""Pure functions on waveforms: framing, spectra, pitch, silence, files."""
