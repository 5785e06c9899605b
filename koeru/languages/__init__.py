"""Languages: symbols, marks, how texts are read, and what is probed; each is a package of its own."""
