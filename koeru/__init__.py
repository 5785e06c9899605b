"""koeru: speech corpora in, trained Japanese voices out."""
