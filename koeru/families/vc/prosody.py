"""Prosody of the sentences of an utterance: what lies between its silences."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from koeru.families.vc.batches import PairBatch
from koeru.families.vc.entry import Model
from koeru.nn.prosody import Prosody, ProsodyLikelihoods, Units


class SentenceProsody(nn.Module):
    """Prosody that is heard in the sentences of the target, and added to the frames of the source that become them."""

    def __init__(self, settings: Model, n_mels: int) -> None:
        super().__init__()
        self.local, self.factor = settings.local_prosody, settings.reduction_factor
        self.of_units = Prosody(settings, n_mels)

    def forward(
        self, x: Tensor, mask: Tensor, batch: PairBatch, durations: Tensor
    ) -> tuple[Tensor, ProsodyLikelihoods]:
        """The prosody heard in the target, embedded, and how likely it is with the source x (B, S, D).

        It is (B, S, D), or (B, 1, D) where it is only global; `durations` (B, S) say what of the source becomes what.
        """
        sentences = sentence_of(batch.cuts, durations)
        h, known = self.read(x, mask, sentences, batch.cuts.shape[1])
        n_frames = sentence_frames(batch, known, self.factor)
        units = Units(batch.target_mels, n_frames, batch.sentences, batch.utterances, batch.filler)
        prosody, likelihoods = self.of_units(h, units)
        return self.spread(prosody, sentences), likelihoods

    def sample(
        self,
        x: Tensor,
        mask: Tensor,
        batch: PairBatch,
        durations: Tensor | None,
        temperature: float,
        sources: Sequence[str],
    ) -> Tensor:
        """Prosody drawn for the source x (B, S, D), embedded: (B, S, D), or (B, 1, D) where it is only global.

        Sentences are those of the source itself, unless `durations` are those of a target that has its own.
        """
        sentences = sentence_of(batch.cuts, mask.long() if durations is None else durations)
        h, _ = self.read(x, mask, sentences, batch.cuts.shape[1])
        return self.spread(self.of_units.sample(h, batch.utterances, temperature, sources), sentences)

    def read(self, x: Tensor, mask: Tensor, sentences: Tensor, n_sentences: int) -> tuple[Tensor, Tensor]:
        """The source x (B, S, D) as the means of its sentences (B, K, filter_size), and which have frames (B, K)."""
        h = self.of_units.predictor.read(x, mask)
        members = (sentences[:, None] == torch.arange(n_sentences, device=x.device)[:, None]) & mask[:, None]
        counts = members.sum(2)  # (B, K)
        weights = members.to(h.dtype) / counts.clamp(min=1)[..., None]
        return weights @ h, counts > 0

    def spread(self, prosody: Tensor, sentences: Tensor) -> Tensor:
        """Prosody of sentences (B, K, D) at the frames (B, S) that are part of them; one of utterances as it is."""
        if not self.local:
            return prosody
        return prosody.gather(1, sentences[..., None].expand(-1, -1, prosody.shape[2]))


def sentence_of(cuts: Tensor, durations: Tensor) -> Tensor:
    """The sentence (B, S) of each frame of the source: that in which what it becomes begins.

    Sentences begin at `cuts` (B, K), ascending from 0.
    """
    begin = durations.cumsum(1) - durations  # (B, S)
    return torch.searchsorted(cuts, begin, right=True) - 1


def sentence_frames(batch: PairBatch, known: Tensor, factor: int) -> Tensor:
    """The frames (B, K) of the target's sentences; 0 for padding, and for what no frame of the source becomes."""
    ends = torch.minimum(batch.cuts.roll(-1, dims=1), batch.target_lengths[:, None])
    ends[:, -1] = batch.target_lengths
    return factor * (ends - batch.cuts).clamp(min=0) * known
