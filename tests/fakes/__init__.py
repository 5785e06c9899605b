"""Small corpora in the layouts of real ones, spoken by the stand-in voices."""
