"""The configuration as it is read: all entries, by table and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koeru.config.corpora import Corpus
from koeru.config.languages import LanguageFiles
from koeru.config.spk import Spk


@dataclass(frozen=True)
class Config:
    """All entries: `config.spk["LINE_3"]`, and those of a family's table as `config["exp"]["LINE_15"]`."""

    corpora: Mapping[str, Corpus]
    spk: Mapping[str, Spk]
    languages: Mapping[str, LanguageFiles]
    tables: Mapping[str, Mapping[str, Any]]  # of the families: table -> name -> section

    def __getitem__(self, table: str) -> Mapping[str, Any]:
        return self.tables[table]
