"""The sentences of JSUT, which JSSS and JVS read as well, by their names.

Names are as BASIC5000_0001, UT-PARAPHRASE-sent254-phrase2 and REPEAT500_set1_081: they cannot be cut at every '_'.
"""

from __future__ import annotations

import re

PARAPHRASE = re.compile(r"(UT-PARAPHRASE-sent\d+)-phrase\d+")
REPEATED = re.compile(r"(REPEAT500)_set\d+_(\d+)")


def group(name: str) -> str:
    """The group of sentences that must stay in one split, as the name of one of them tells; "" if it tells none.

    Paraphrases of a sentence are one group, and so are the readings of one sentence in the five sets of REPEAT500. A
    sentence without a group goes where its text goes.
    """
    if found := PARAPHRASE.fullmatch(name) or REPEATED.fullmatch(name):
        return "_".join(found.groups())
    return ""
