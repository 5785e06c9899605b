"""Pure functions on text and phones: front end, accents, TextGrids, alignment."""
