"""wGMM as common practice computes it, to be compared with: the same tensors and function, other ways to get there.

Durations go to the host. There, Python cuts the mel into phones one by one, and writes the matrix that repeats phones
for their frames element by element. The phones are heard in groups of as many as the batch has utterances; and the
autoregressive predictor calls its cells phone by phone, with zoneout (Krueger et al. 2017) between them. With neither
zoneout nor dropout, and normalised by the running averages, it is koeru's model to rounding.
"""

from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from koeru.families.acoustic import model as fastspeech2
from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2, Output
from koeru.families.acoustic.sizes import Sizes
from koeru.nn.mixture import Mixture
from koeru.nn.prosody import LocalPredictor, Prosody, ProsodyExtractor, Units


class CommonPractice(FastSpeech2):
    """FastSpeech2 with prosody; its weights are those of koeru's model by name."""

    def __init__(self, settings: Model, sizes: Sizes) -> None:
        super().__init__(settings, sizes)
        self.prosody = Prosody(settings, sizes.n_mels)
        extractor = (sizes.n_mels, settings.prosody_emb_dim, settings.global_prosody)
        self.prosody.extractor = PhoneByPhoneExtractor(*extractor)
        if settings.local_prosody:
            self.prosody.predictor.local = StepwisePredictor(settings)

    def forward(self, batch: AcousticBatch) -> Output:
        with patch.object(fastspeech2, "regulate_length", repeated_by_matrix):
            return super().forward(batch)


def repeated_by_matrix(x: Tensor, durations: Tensor, n_frames: int) -> Tensor:
    """`regulate_length` by a product with a matrix (B, T, P) of zeros and ones that the host writes."""
    matrix = np.zeros((len(x), n_frames, x.shape[1]), dtype=np.float32)
    for row, lengths in zip(matrix, durations.cpu().numpy(), strict=True):
        frame = 0
        for phone, length in enumerate(lengths):
            for _ in range(length):
                row[frame, phone] = 1
                frame += 1
    return torch.from_numpy(matrix).to(x.device) @ x


class PhoneByPhoneExtractor(ProsodyExtractor):
    """The vectors of phones from pieces of mel that Python cuts."""

    def forward(self, units: Units) -> tuple[Tensor, Tensor | None]:
        pieces, places = [], []
        for utterance, lengths in enumerate(units.durations.cpu().numpy()):
            start = 0
            for phone, length in enumerate(lengths):
                if length:
                    pieces.append(units.mels[utterance, start : start + length])
                    places.append((utterance, phone))
                start += length
        order = sorted(range(len(pieces)), key=lambda number: -len(pieces[number]))
        size = len(units.mels)
        groups = [order[start : start + size] for start in range(0, len(order), size)]
        heard = torch.cat([self.heard([pieces[number] for number in group]) for group in groups])  # (N, E)
        where = torch.tensor([places[number] for number in order], device=heard.device).unbind(1)
        vectors = heard.new_zeros(*units.durations.shape, heard.shape[1]).index_put(where, heard)
        if self.global_gru is None:
            return vectors, None
        phone_lengths = torch.bincount(units.utterances.order.cpu() // vectors.shape[1])
        packed = pack_padded_sequence(vectors, phone_lengths, batch_first=True, enforce_sorted=False)
        return vectors, _both_ways(self.global_gru(packed)[1])

    def heard(self, pieces: list[Tensor]) -> Tensor:
        """Pieces (L, M), the longest first -> their vectors (pieces, E)."""
        lengths = [len(piece) for piece in pieces]
        x = pad_sequence(pieces, batch_first=True)  # (N, L, M)
        real = torch.arange(lengths[0], device=x.device) < torch.tensor(lengths, device=x.device)[:, None]
        for layer in self.convs:
            x = functional.conv2d(x[:, None], layer.conv.weight[:, None], padding=1)
            x = layer.norm(x.squeeze(1)).relu() * real[..., None]
        return _both_ways(self.gru(pack_padded_sequence(x, lengths, batch_first=True))[1])


class StepwisePredictor(LocalPredictor):
    """The autoregressive GRU as cells that are called phone by phone, with zoneout in place of dropout."""

    def forward(self, h: Tensor, spoken: Tensor, pooled: Tensor | None) -> Mixture:
        before = torch.zeros_like(spoken[:, 0])
        states = [h.new_zeros(len(h), self.gru.hidden_size) for _ in range(self.gru.num_layers)]
        out = []
        for phone in range(h.shape[1]):
            known = before if pooled is None else before + pooled
            x = torch.cat([h[:, phone], self.embedding(known)], dim=-1)
            for layer, state in enumerate(states):
                x = torch.gru_cell(x, state, *self.gru.all_weights[layer])
                x = states[layer] = self.zoneout(state, x)
            out.append(torch.cat([x, h[:, phone]], dim=-1))
            before = spoken[:, phone]
        return self.head(torch.stack(out, dim=1))

    def zoneout(self, before: Tensor, after: Tensor) -> Tensor:
        """Some units keep the state that they had; in evaluation, all of them some of it."""
        share = self.gru.dropout
        if not self.training:
            return share * before + (1 - share) * after
        return torch.where(torch.rand_like(after) < share, before, after)


def _both_ways(states: Tensor) -> Tensor:
    """Last states (layers * 2, N, H) of a bidirectional layer -> (N, 2 H)."""
    return torch.cat([states[-2], states[-1]], dim=-1)
