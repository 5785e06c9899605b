"""What a machine does wrong once, at any read, write, rename, link or child process of a stage of datasets.

Each case runs one stage of a small dataset with one fault in it. Whatever comes of that (an error, or nothing, where
there is another way), no finished shard has another content than that of an undisturbed run, and the same job, run
again, ends with that content.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.numpy
import soundfile
import sox
from golden.outputs import CONFIG
from in_process import FEATURES, Made, made, script

from koeru.graph.plan import Job, place
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Store, read_json
from koeru.jobs.features import run_feature
from koeru.jobs.stage import Work, seal
from koeru.languages.japanese import front_end

STAGES = [stage for stage in DATA_STAGES if stage not in ("stand_in", "pairs")]


class Fault:
    """Lets the call of a number fail, of the calls that it counts."""

    def __init__(self, number: int) -> None:
        self.number, self.calls = number, 0

    @property
    def now(self) -> bool:
        self.calls += 1
        return self.calls == self.number


def opened(fault: Fault, patch: pytest.MonkeyPatch, root: Path, letters: str, code: int) -> None:
    """A file of the project cannot be opened; of one that is written, half is on disk before the error comes."""
    real = io.open

    def fails(file, mode="r", *arguments, **more):
        ours = isinstance(file, str | os.PathLike) and Path(file).is_relative_to(root)
        if ours and set(mode) & set(letters) and fault.now:
            if letters != "r":
                with real(file, "wb") as half:
                    half.write(b"half")
            raise OSError(code, os.strerror(code), str(file))
        return real(file, mode, *arguments, **more)

    patch.setattr(io, "open", fails)
    patch.setattr(builtins, "open", fails)


def call(fault: Fault, patch: pytest.MonkeyPatch, owner: object, name: str, error: Callable[[], Exception]) -> None:
    """A function fails before it has done anything."""
    real = getattr(owner, name)

    def fails(*arguments, **more):
        if fault.now:
            raise error()
        return real(*arguments, **more)

    patch.setattr(owner, name, fails)


def arrays(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    """The disk is full when half of the arrays are written."""
    real = safetensors.numpy.save_file

    def fails(tensors, path, *more):
        real(tensors, path, *more)
        if fault.now:
            os.truncate(path, Path(path).stat().st_size // 2)
            raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(safetensors.numpy, "save_file", fails)


def half_a_recording(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    """SoX ends with 0, and has written half."""
    real = sox.Transformer.build

    def fails(self, *arguments, output_filepath, **more):
        done = real(self, *arguments, output_filepath=output_filepath, **more)
        if fault.now:
            os.truncate(output_filepath, Path(output_filepath).stat().st_size // 2)
        return done

    patch.setattr(sox.Transformer, "build", fails)


def killed_reader(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    """The front end is killed after a batch was sent to it, as for want of memory."""
    real = front_end._write

    def fails(pipe, message):
        real(pipe, message)
        if fault.now:
            for child in CHILDREN:
                child.send_signal(signal.SIGKILL)
                child.wait()

    start = front_end._start
    patch.setattr(front_end, "_start", lambda extract: CHILDREN.append(start(extract)) or CHILDREN[-1])
    patch.setattr(front_end, "_write", fails)


CHILDREN: list = []
FAULTS: dict[str, Callable[[Fault, pytest.MonkeyPatch, Path], None]] = {
    "read: EIO": lambda fault, patch, root: opened(fault, patch, root, "r", errno.EIO),
    "read: ENOENT": lambda fault, patch, root: opened(fault, patch, root, "r", errno.ENOENT),
    "write: ENOSPC": lambda fault, patch, root: opened(fault, patch, root, "wxa", errno.ENOSPC),
    "rename: EIO": lambda fault, patch, root: call(
        fault, patch, os, "replace", lambda: OSError(errno.EIO, "I/O error")
    ),
    "fsync: EIO": lambda fault, patch, root: call(fault, patch, os, "fsync", lambda: OSError(errno.EIO, "I/O error")),
    "link: EIO": lambda fault, patch, root: call(fault, patch, os, "link", lambda: OSError(errno.EIO, "I/O error")),
    "link: EPERM": lambda fault, patch, root: call(fault, patch, os, "link", lambda: OSError(errno.EPERM, "not here")),
    "arrays: ENOSPC": lambda fault, patch, root: arrays(fault, patch),
    "decode: EIO": lambda fault, patch, root: call(
        fault, patch, soundfile.SoundFile, "read", lambda: soundfile.LibsndfileError(2)
    ),
    "SoX fails": lambda fault, patch, root: call(
        fault, patch, sox.Transformer, "build", lambda: sox.SoxError("killed")
    ),
    "SoX writes half": lambda fault, patch, root: half_a_recording(fault, patch),
    "front end killed": lambda fault, patch, root: killed_reader(fault, patch),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Made:
    """The dataset of the golden outputs, undisturbed."""
    root = tmp_path_factory.mktemp("whole")
    built = made({name: CONFIG[name] for name in ("corpora", "spk")}, root / "store")
    return built.run([built.graph.data["golden"]])


def jobs_of(whole: Made, stage: str) -> list[Job]:
    return [job for job in whole.jobs if job.node.stage == stage]


def run(work: Work, job: Job) -> None:
    stage = job.node.stage
    if job.rule.startswith("seal_"):
        seal(work)
    elif stage in FEATURES:
        run_feature(work, job.shard, script(stage).analyse)
    else:
        script(stage).job(work, Namespace(shard=job.shard, workers=1))


def without(whole: Made, stage: str, folder: Path) -> Store:
    """A store that has all of the other but a stage."""
    (folder / "store").mkdir(parents=True)
    for there in whole.store.root.iterdir():
        if there.name != stage:
            (folder / "store" / there.name).symlink_to(there)
    return Store(folder / "store")


def content(store: Store, whole: Made, stage: str) -> dict:
    """What a stage has made, but for when and how long: of each file what decides what others make of it."""
    found = {}
    node = jobs_of(whole, stage)[0].node
    for path in sorted(store.folder(place(node)).rglob("*")):
        if path.suffix == ".json":
            told = read_json(path)
            if isinstance(told, dict):
                told = {name: value for name, value in told.items() if name not in ("run", "commit")}
            found[path.name] = told
        elif path.is_file() and path.suffix not in (".html", ".svg"):
            found[path.relative_to(store.root).as_posix()] = path.read_bytes()
    return found


def calls_of(whole: Made, stage: str, fault: str, folder: Path) -> int:
    """How many calls of a kind a stage makes."""
    counted = Fault(0)
    with pytest.MonkeyPatch.context() as patch:
        store = without(whole, stage, folder)
        FAULTS[fault](counted, patch, folder)
        for job in jobs_of(whole, stage):
            run(replace(whole.work(job.node), store=store), job)
    return counted.calls


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_leaves_nothing_wrong_and_the_same_command_completes(whole, tmp_path, stage, fault):
    calls = calls_of(whole, stage, fault, tmp_path / "counted")
    if not calls:
        pytest.skip("it does nothing of the kind")
    expected = content(whole.store, whole, stage)
    for number in sorted({1, calls} if stage != "dataset" else {calls}):  # which draws for seconds
        folder = tmp_path / str(number)
        store = without(whole, stage, folder)
        with pytest.MonkeyPatch.context() as patch, suppress(OSError, RuntimeError, ValueError):
            FAULTS[fault](Fault(number), patch, folder)
            for job in jobs_of(whole, stage):
                run(replace(whole.work(job.node), store=store), job)
        done = content(store, whole, stage)
        for job in jobs_of(whole, stage):
            name = Path(job.output).name
            if name in done:
                assert done[name] == expected[name], f"call {number}"
        for job in jobs_of(whole, stage):
            if not (store.root / Path(job.output).relative_to(whole.store.root)).exists():
                run(replace(whole.work(job.node), store=store), job)
        assert content(store, whole, stage) == expected, f"call {number}"
