from dataclasses import replace

import torch

from koeru.training.machine import Machine, cpu_name

MACHINE = Machine.of(torch.device("cpu"), threads=2)


def test_it_knows_its_processor_and_torch(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\nprocessor\t: 1\nmodel name\t: other\n")
    assert cpu_name(info).startswith("Fast CPU @ 3 GHz (")
    assert cpu_name(tmp_path / "nothing")
    assert MACHINE.processor == cpu_name() and MACHINE.torch == str(torch.__version__)


def test_what_has_changed_is_told_in_words():
    assert MACHINE.changes(MACHINE) == []
    other = replace(MACHINE, threads=8, compiled=True)
    assert MACHINE.changes(other) == ["threads was 2, is 8", "compiled was False, is True"]
