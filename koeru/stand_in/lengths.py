"""A voice of the HTS engine that gives some phones another length: its model of durations, multiplied.

The file of such a voice is a head of lines, [DATA], and parts; the head tells under [POSITION] which bytes after [DATA]
are which. The first part is the model of durations: a decision tree over full-context labels, as text, and for its
leaves the means and variances of the lengths of the states of a phone, in frames.
"""

import re
from collections.abc import Iterator, Mapping

import numpy as np

DURATIONS = re.compile(rb"DURATION_PDF:0-(\d+)\nDURATION_TREE:(\d+)-(\d+)\n")  # the last byte counts
STATES = re.compile(rb"NUM_STATES:(\d+)\n")
POSITIONS = re.compile(rb"(?<=[:,-])\d+")
TREE = re.compile(r"(?P<questions>.*)\{\*\}\[2\]\n\{\n(?P<nodes>.*)\}\n", re.DOTALL)
NODE = re.compile(r" *(-?\d+) +(\S+) +(\S+) +(\S+) *\n")  # number, question, and where no and yes lead
LEAF = re.compile(r'"(.*_)(\d+)"')  # counted from 1


def lengthened(voice: bytes, factors: Mapping[str, float]) -> bytes:
    """The file of a voice in which the phones named in `factors` last so many times as long, to frames of the engine.

    Each of them has a copy of the tree of its own, to which a new question at the root leads. Raises ValueError where
    the file is not as described above.
    """
    head, _, data = voice.partition(b"[DATA]\n")
    found, states = DURATIONS.search(head), STATES.search(head)
    if not found or not states:
        raise ValueError("this is no voice of the HTS engine, or its model of durations does not come first")
    pdf_end, tree_start, tree_end = map(int, found.groups())
    values = np.frombuffer(data[4 : pdf_end + 1], "<f4").reshape(
        -1, 2, int(states[1])
    )  # (leaves, mean or variance, states)
    copies = [values, *(values * np.array([[factor], [1]], "<f4") for factor in factors.values())]
    pdf = (len(values) * len(copies)).to_bytes(4, "little") + np.concatenate(copies).tobytes()
    tree = _tree(data[tree_start : tree_end + 1].decode("ascii"), list(factors), len(values)).encode("ascii")

    longer = len(pdf) + len(tree) - (tree_end + 1)
    before, title, positions = head.partition(b"[POSITION]\n")
    own = f"DURATION_PDF:0-{len(pdf) - 1}\nDURATION_TREE:{len(pdf)}-{len(pdf) + len(tree) - 1}\n".encode()
    others = POSITIONS.sub(lambda at: b"%d" % (int(at[0]) + longer), positions.removeprefix(found[0]))
    return b"".join((before, title, own, others, b"[DATA]\n", pdf, tree, data[tree_end + 1 :]))


def _tree(text: str, phones: list[str], n_leaves: int) -> str:
    """A tree that first asks for each of the phones, and leads to a copy of its own; the first copy is of others."""
    parts = TREE.fullmatch(text.strip() + "\n")
    if not parts:
        raise ValueError("the voice's durations are not one decision tree")
    nodes = NODE.findall(parts["nodes"])
    questions = "".join(f'QS phone_{phone} {{ "*-{phone}+*" }}\n' for phone in phones)

    def place(where: str, copy: int) -> str:
        if leaf := LEAF.fullmatch(where):
            return f'"{leaf[1]}{int(leaf[2]) + copy * n_leaves}"'
        return str(int(where) - len(phones) - copy * len(nodes))  # behind the new questions and the copies before

    def rows() -> Iterator[str]:
        for number, phone in enumerate(phones):
            otherwise = str(-number - 1) if number + 1 < len(phones) else place("0", 0)
            yield f"{-number} phone_{phone} {otherwise} {place('0', number + 1)}\n"
        for copy in range(len(phones) + 1):
            for number, question, no, yes in nodes:
                yield f"{place(number, copy)} {question} {place(no, copy)} {place(yes, copy)}\n"

    return f"{parts['questions']}{questions}{{*}}[2]\n{{\n{''.join(rows())}}}\n"
