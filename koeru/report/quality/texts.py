"""What the page shows of texts and how they are read, as plain dataclasses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from koeru.report.data import check_audio


@dataclass(frozen=True)
class Reconciled:
    """Of one speaker of one corpus: segments whose text was compared with the phones of their times.

    ``agreed`` of ``compared`` have the same reading; of them ``substituted`` have phones that were heard as another one
    of their class, and ``spread`` have phones that share the time of others, which a machine had aligned. ``readings``
    and ``times`` count all kept segments by where the reading and the times come from, ``means`` those whose reading
    was to follow the recording, or delivered kana, by how it does.
    """

    corpus: str
    speaker: str
    compared: int
    agreed: int
    substituted: int
    readings: Mapping[str, int]
    times: Mapping[str, int]
    means: Mapping[str, int] = field(default_factory=dict)
    spread: int = 0


@dataclass(frozen=True)
class Followed:
    """A kept segment whose reading has the phones of its recording, in place of those that its text was read with.

    Or whose reading is not that of a machine's labels, whose times were spread over it: ``means`` says which, and
    ``phones`` are those of the recording. ``kana`` is the reading with its accents, ``correction`` the line of a file
    of corrections that says it.
    """

    id: str
    speaker: str
    text: str
    means: str
    kana: str
    phones: Sequence[str]
    audio: str
    correction: str

    def __post_init__(self) -> None:
        check_audio(self.audio, self.id)


@dataclass(frozen=True)
class Remarked:
    """A kind of what is remarked of texts: of how many segments, and ``examples`` as (id, text, remark)."""

    kind: str
    count: int
    examples: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Differing:
    """A segment that was excluded because text and recording have different phones.

    ``columns`` are both readings side by side: (said, heard) phones, "" where one side has none. ``correction`` is a
    line for a file of corrections, whose kana is empty where nobody knows it.
    """

    id: str
    speaker: str
    text: str
    columns: Sequence[tuple[str, str]]
    audio: str | None = None
    correction: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        check_audio(self.audio, self.id)

    @property
    def said(self) -> str:
        return " ".join(phone for phone, _ in self.columns if phone)

    @property
    def heard(self) -> str:
        return " ".join(phone for _, phone in self.columns if phone)
