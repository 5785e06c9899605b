"""Make the golden outputs of the stages whose version was raised; an output whose versions stayed is refused."""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "support")]

from golden import outputs  # noqa: E402


def main() -> None:
    if not outputs.CORPUS.exists():
        outputs.write_corpus(outputs.CORPUS)
        print(f"made {outputs.CORPUS}")
    with tempfile.TemporaryDirectory() as folder:
        written, refused = outputs.update(outputs.build(Path(folder)))
    print(f"made anew: {', '.join(written) or 'none'}")
    if refused:
        told = "\n".join(f"  {stage}: {words}" for stage, words in refused.items())
        sys.exit(
            f"refused, as no version was raised:\n{told}\n"
            f"If the change is meant, raise the version of {next(iter(refused))} in koeru/graph/stages.py, and again."
        )


if __name__ == "__main__":
    main()
