"""Under which licence a corpus is, and whom to name, each in a line."""

from koeru.corpora.catalogue import ADAPTERS

UNKNOWN = "not known: ask its owner"
STAND_IN = (
    'synthesised with the HTS voice "Mei" (MMDAgent project, Nagoya Institute of Technology), CC BY 3.0: '
    "whoever passes it on names them"
)


def licence_of(stated: str, kind: str, stand_in: bool) -> str:
    """What the entry of a corpus states, or what is known of a stand-in or of the format, `kind`."""
    return stated or (STAND_IN if stand_in else ADAPTERS[kind].LICENCE) or UNKNOWN


def credit_of(stated: str, kind: str, stand_in: bool) -> str:
    """The line that names the makers: what the entry states, or what is known of a stand-in or of the format; or ""."""
    return stated or (STAND_IN if stand_in else ADAPTERS[kind].CREDIT)
