"""What experiments of every type share: those whose models make mels, which a vocoder speaks."""
