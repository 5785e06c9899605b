"""Pure functions on phones and their times: .lab files, TextGrids, alignment. They know no language."""
