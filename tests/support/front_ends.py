"""Full-context labels made by hand, so that no dictionary's opinion is in the tests of accents."""

from collections.abc import Callable

import pytest

PAUSE = None
Phrase = tuple[str, int] | tuple[str, int, bool] | None


def make_labels(*phrases: Phrase) -> list[str]:
    """Return labels of accent phrases ("ha|shi" as "h a|sh i", accent type, question?), None for a pause.

    The other fields hold numbers in the shapes of the fields that are read, as real labels do.
    """
    rows, asked = [("sil", "xx+xx+xx", "xx_xx#xx", 0)], 0
    for phrase in phrases:
        if phrase is PAUSE:
            rows.append(("pau", "xx+xx+xx", "xx_xx#xx", asked))
            continue
        moras = phrase[0].split("|")
        question = int(len(phrase) > 2)
        for number, mora in enumerate(moras, 1):
            position = f"{number - (phrase[1] or len(moras))}+{number}+{len(moras) - number + 1}"
            f = f"{len(moras)}_{phrase[1] or len(moras)}#{question}"
            rows += [(phone, position, f, asked) for phone in mora.split()]
        asked = question
    rows.append(("sil", "xx+xx+xx", "xx_xx#xx", asked))
    return [
        f"xx^xx-{phone}+xx=xx/A:{a}/B:01-2_1/C:13_7+2/D:10+7_2/E:3_1!{asked}_0-1"
        f"/F:{f}_0@2_1|4_3/G:5_4%1_0_1/H:2_6/I:1-5@1+1&1-1|1+5/J:1_5/K:1+2-6"
        for phone, a, f, asked in rows
    ]


@pytest.fixture(scope="session")
def full_context() -> Callable[..., list[str]]:
    return make_labels
