"""Names that a command line gives, held against those that a model knows."""

from collections.abc import Collection

from koeru.config.nearest import nearest


def known(option: str, wanted: str, names: Collection[str]) -> str:
    """A name that a model knows. Errors: ValueError naming the option and the nearest."""
    if wanted not in names:
        raise ValueError(f"{option}: the model does not know {wanted!r}{nearest(wanted, names)}")
    return wanted
