"""The training of a recogniser (see `koeru.training.task`): by CTC, on whole utterances, and what keeps blanks out."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from koeru.families.recogniser.batches import Items, SpeechBatch, collate
from koeru.families.recogniser.blank_loss import Gate, blank_loss
from koeru.families.recogniser.ctc import ctc
from koeru.families.recogniser.decoding import errors, greedy, said
from koeru.families.recogniser.entry import BlankLoss, Ctc, Train
from koeru.families.recogniser.quartznet import Output, QuartzNet
from koeru.nn.layers import length_mask
from koeru.nn.losses import Mean
from koeru.training.checkpoint import Position
from koeru.training.sums import Sums, add, to_host
from koeru.training.supervised import SupervisedTask
from koeru.training.task import Step


class Taught(Protocol):
    """The sections of an entry that say what is taught."""

    ctc: Ctc
    blank_loss: BlankLoss
    train: Train


class RecogniserTask(SupervisedTask):
    """A recogniser, with all its heads. `hop_s` are the seconds of a frame of its mels."""

    def __init__(self, model: QuartzNet, settings: Taught, train_items: Items, dev_items: Items, hop_s: float) -> None:
        super().__init__(model, settings.train, train_items, dev_items, collate, self._parts)
        self.taught = settings
        self.weights = {f"blank_{head}": settings.blank_loss.weight for head in model.heads}
        self.weights |= {f"errors_{head}": 0.0 for head in model.heads}  # told, and no part of the loss
        self.pause = max(1, round(settings.blank_loss.pause_ms / 1000 / hop_s))  # frames

    def step(self, batch: SpeechBatch, position: Position) -> Step:
        self.update.begin(position)
        own = self._parts(self.update.model(batch), batch, position.step)
        return self.update.end(own, batch, position)

    def evaluate(self) -> dict[str, float]:
        """What CTC says of the development items, and which share of their labels the best path gets wrong."""
        items, size, model = self.dev_items, self.settings.batch_size, self.update.model
        order = np.argsort(items.frame_lengths, kind="stable").tolist()
        sums: Sums = {}
        for start in range(0, len(order), size):
            chosen = [items[index] for index in order[start : start + size]]
            batch = collate(chosen).to(self.update.fabric.device)
            out = model(batch)
            for head, logits in out.logits.items():
                log_probs = logits.log_softmax(2)
                add(sums, to_host([], {f"ctc_{head}": ctc(log_probs, out.lengths, batch.labels[head], batch.ids)})[1])
                for item, row, length in zip(chosen, log_probs.cpu().numpy(), out.lengths.tolist(), strict=True):
                    wanted = said(item.labels[head].tolist())
                    add(sums, {f"errors_{head}": [errors(greedy(row[:length]), wanted), len(wanted)]})
        return self.averages(sums)

    def _parts(self, out: Output, batch: SpeechBatch, step: int) -> dict[str, Mean]:
        """The parts of the loss of the step behind `step` others."""
        settings, own = self.taught.ctc, self.taught.blank_loss
        edges, blanks = step < settings.edge_blank_steps, own.reading != "none" and step >= own.begin_step
        gate = self._gate(batch) if blanks and own.gate == "energy" else None
        parts = {}
        for head, logits in out.logits.items():
            log_probs = logits.log_softmax(2)
            parts[f"ctc_{head}"] = ctc(
                log_probs,
                out.lengths,
                batch.labels[head],
                batch.ids,
                edge_blanks=edges,
                blank_weight=settings.blank_weight,
            )
            if blanks:
                mask = length_mask(out.lengths, logits.shape[1])
                shares = {name: getattr(own, name) for name in ("blank_share", "separator_share", "spared")}
                parts[f"blank_{head}"] = blank_loss(log_probs, mask, own.reading, gate=gate, **shares)
        return parts

    def _gate(self, batch: SpeechBatch) -> Gate:
        mask = length_mask(batch.mel_lengths, batch.mels.shape[1])
        return Gate(batch.mels, mask, self.model.stride, self.taught.blank_loss.range_db, self.pause)
