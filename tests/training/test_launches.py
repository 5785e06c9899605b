"""Parts of steps: on a GPU, recorded, they do what they do kernel by kernel."""

import copy

import pytest
import torch
from tiny_training import changed
from tiny_vocoder import SETTINGS, make_task, make_vocoder

from koeru.training.checkpoint import Position
from koeru.training.launches import WARM_UP, Launches
from koeru.training.loader import Share
from koeru.training.loop import train
from koeru.training.parallel import launch

FULL, LAST = (0, 4, 7), (2,)  # utterances of a full batch and of the last one of an epoch
on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def steps(batches, **changes):
    """The task after a step with each batch, and what the steps told."""
    settings = changed(SETTINGS, device="cuda", **changes)
    task = make_task(model=make_vocoder(), settings=settings)
    task.set_up(launch(settings))
    task.model.train()
    shares = [Share(indices, epoch) for epoch, indices in enumerate(batches)]
    return task, [task.step(task.load(share).to(task.fabric.device), Position()).scalars for share in shares]


def test_what_is_not_recorded_runs_every_time_with_what_it_is_given():
    launches, heard = Launches(torch.device("cpu"), record=False), []

    def part(tensor):
        heard.append(tensor)
        return tensor + len(heard)

    for _ in range(WARM_UP + 2):
        given = torch.zeros(2)
        with launches.step(given) as (tensor,):
            assert tensor is given
            assert launches.run(part, None, tensor).tolist() == [len(heard)] * 2
    assert len(heard) == WARM_UP + 2


@pytest.mark.parametrize("changes", [{}, {"compile": True}, {"cuda_graphs": False}])
def test_a_cpu_has_no_graphs(changes):
    task = make_task(settings=changed(SETTINGS, **changes))
    task.set_up(launch(task.settings))
    assert not task.launches.record


@on_a_gpu
@pytest.mark.parametrize("weights", [{}, {"adversarial_weight": 0, "features_weight": 0, "stft_weight": 1}])
def test_recorded_steps_are_those_kernel_by_kernel(weights):
    batches = [*[FULL] * (WARM_UP + 2), LAST, *[FULL] * 3]
    (plain, told), (recorded, also) = (steps(batches, cuda_graphs=graphs, **weights) for graphs in (False, True))
    assert not plain.launches.recordings
    assert {shape[0][0] for shape in recorded.launches.recordings} == {len(FULL)}
    for one, other in zip(told, also, strict=True):
        assert other["loss"] == pytest.approx(one["loss"], rel=1e-3)
        assert other["gradient_norm"] == pytest.approx(one["gradient_norm"], rel=1e-2)


@on_a_gpu
def test_every_shape_that_comes_often_is_recorded_once():
    task, _ = steps([FULL, LAST] * (WARM_UP + 2))
    recorded = {shape[0][0]: parts for shape, parts in task.launches.recordings.items()}
    assert recorded.keys() == {len(FULL), len(LAST)}
    assert all(len(parts) == 2 for parts in recorded.values())


@on_a_gpu
def test_a_recorded_training_goes_on_from_its_state():
    settings = changed(SETTINGS, device="cuda")
    whole = train(make_task(model=make_vocoder(), settings=settings), stop_epoch=4)
    half = train(make_task(model=make_vocoder(), settings=settings), stop_epoch=2)
    model = make_vocoder()
    again = train(make_task(model=model, settings=settings), start_state=copy.deepcopy(half), stop_epoch=4)
    for record, other in zip(whole.position.log, again.position.log, strict=True):
        assert other["train"]["total"] == pytest.approx(record["train"]["total"], rel=1e-2)
        assert other["dev"]["mel"] == pytest.approx(record["dev"]["mel"], rel=1e-2)
