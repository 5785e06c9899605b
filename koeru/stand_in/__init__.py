"""A Japanese corpus synthesised offline, in the layout of STUDIES, to stand in for the real one."""
