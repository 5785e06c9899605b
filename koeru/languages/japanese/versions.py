"""Which front end there is, with its dictionaries and its optional parts; and what is wanted and not there."""

import hashlib
import importlib.util
import os
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions
from importlib.metadata import version as installed
from pathlib import Path

from koeru.text.reading import TextError

DISTRIBUTIONS = ("pyopenjtalk-plus", "pyopenjtalk")
# What an option needs: its package, by the name under which it is imported, and what it does.
NANI = ("onnxruntime", "onnxruntime", "the model that tells ナニ from ナン")
SUDACHI = ("sudachidict_core", "SudachiDict-core", "the dictionary that tells readings of kanji by their neighbours")


class FrontEndError(TextError):
    """A text without labels, or one that ended the front end."""


class MissingPartError(RuntimeError):
    """A part of the front end that an option asks for, and that is not installed."""


def require(nani: bool, sudachi: bool, vanilla: bool) -> None:
    """Raise MissingPartError where something is lacking that these options ask for.

    The library itself would do without it, and read worse: of the first it says so once, on standard output.
    """
    for option, wanted, (module, package, what) in (("nani", nani, NANI), ("sudachi", sudachi, SUDACHI)):
        if wanted and not vanilla and importlib.util.find_spec(module) is None:
            raise MissingPartError(
                f"labels.{option}: {package} is not installed, which {what} needs: install it (pip install {package}; "
                f"requirements.lock has it), or set labels.{option}: false"
            )


def tools() -> dict[str, str]:
    """Return what readings depend on and no key holds: the versions of all parts, and the dictionary's hash."""
    found = version()
    return {
        "front_end": f"{found['name']} {found['version']}",
        "dictionary": found["dictionary"],
        "onnxruntime": _version("onnxruntime"),
        "sudachi": f"{_version('sudachipy')}, dictionary {_version('sudachidict-core')}",
    }


def _version(package: str) -> str:
    with suppress(PackageNotFoundError):
        return installed(package)
    return "none"


def version() -> dict[str, str]:
    """Return the front end's name and version, and a hash of its dictionary, without importing it.

    The hash is the sha256 of all files of the dictionary, about 0.1 s for its hundred megabytes. Raises
    FrontEndError when there is no front end or no dictionary: plain pyopenjtalk has none, and would
    download one in the middle of the work.
    """
    found = importlib.util.find_spec("pyopenjtalk")
    if found is None:
        raise FrontEndError("no pyopenjtalk is installed: install pyopenjtalk-plus")
    name = _distribution()
    inside = Path(found.submodule_search_locations[0]) / "dictionary"
    folder = Path(os.environ.get("OPEN_JTALK_DICT_DIR", inside))
    if not (folder / "sys.dic").is_file():
        raise FrontEndError(
            f"{name} has no dictionary in {folder}: install pyopenjtalk-plus, or set OPEN_JTALK_DICT_DIR"
        )
    digest = hashlib.sha256()
    for file in sorted(filter(Path.is_file, folder.iterdir())):
        with file.open("rb") as opened:
            digest.update(file.name.encode() + hashlib.file_digest(opened, "sha256").digest())
    return {"name": name, "version": installed(name), "dictionary": digest.hexdigest()}


def _distribution() -> str:
    """Return the name of the package that brought pyopenjtalk."""
    for name in DISTRIBUTIONS:  # `packages_distributions` would read the metadata of everything that is installed
        with suppress(PackageNotFoundError):
            installed(name)
            return name
    return packages_distributions()["pyopenjtalk"][0]
