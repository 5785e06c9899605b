"""Keys that stand twice in one mapping of a file, of which YAML keeps the last without a word."""

from koeru.config.duplicates import duplicate_keys


def test_duplicate_keys_are_found_at_every_depth():
    text = "exp:\n  a: {epochs: 1, epochs: 2}\n  b:\n    train:\n      seed: 1\n      seed: 2\n  a: {}\nspk: {}\n"
    assert duplicate_keys(text) == [
        "exp.a.epochs: written twice, in line 2 and in line 2",
        "exp.b.train.seed: written twice, in line 5 and in line 6",
        "exp.a: written twice, in line 2 and in line 7",
    ]
    sound = "exp:\n  a: {epochs: 1}\n  b: {epochs: 1, train: {seed: 1}}\nspk: {a: {shards: 1}}\n"
    assert duplicate_keys(sound) == duplicate_keys("") == duplicate_keys("- {a: 1}\n- {a: 1}") == []


def test_an_anchor_is_no_duplicate():
    text = "spk:\n  a: &x {shards: 1}\n  b: *x\n  c: {<<: *x, shards: 2}\n"
    assert duplicate_keys(text) == []
