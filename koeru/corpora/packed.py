"""Archives in a corpus that nobody has unpacked: koeru reads none."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import ARCHIVE

HOW = 'for a in *.tar.gz; do tar -xzf "$a"; done'


def packed(delivered: Delivered, places: Iterable[str], unpacked: Container[str]) -> Iterator[str]:
    """A remark for every subfolder with archives such as S0002.tar.gz of which no folder S0002 is `unpacked`."""
    for inside in places:
        left = sorted(
            file.path for name, file in delivered.directly(inside, ARCHIVE) if name.removesuffix(".tar") not in unpacked
        )
        if left:
            more = f" and {len(left) - 1} more" if len(left) > 1 else ""
            yield f"{left[0]}{more}: not unpacked, so nothing of it is read. In {inside or 'the corpus'}/, run: {HOW}"
