"""Writes koeru's stand-in corpus: synthetic Japanese dialogues in the layout of STUDIES."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from koeru.progress import Progress, duration
from koeru.stand_in.corpus import write_corpus
from koeru.stand_in.faults import FAULTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write, not there yet")
    parser.add_argument("--minutes", type=float, help="about how many (default: the written dialogues)")
    parser.add_argument("--seed", type=int, default=0, help="of the sentences beyond the written ones")
    parser.add_argument("--faults", default="", help=f"all, or some of {','.join(FAULTS)}")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()

    faults = list(FAULTS) if args.faults == "all" else [name for name in args.faults.split(",") if name]
    with Progress("stand-in corpus", None) as progress:

        def report(done: int, total: int) -> None:
            progress.total = total
            progress.step(done - progress.done)

        try:
            made = write_corpus(
                args.out,
                minutes=args.minutes,
                seed=args.seed,
                faults=faults,
                workers=args.workers,
                progress=report,
            )
        except (FileExistsError, ValueError) as error:
            parser.error(str(error))

    print(f"{args.out}: {made['utterances']} utterances, {duration(made['seconds'])}")
    for name, count in {**made["speakers"], **made["emotions"]}.items():
        print(f"  {name:<9}{count['utterances']:>6} utterances, {duration(count['seconds'])}")
    for name, utterance in made["faults"].items():
        print(f"  fault {name} in {utterance}: to be {FAULTS[name].expect}")


if __name__ == "__main__":
    main()
