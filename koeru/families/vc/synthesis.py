"""Held-out pairs as audio: the two recordings, what the model makes of the one, and what needs no model."""

from __future__ import annotations

KINDS = ("source", "target", "natural", "teacher_forced", "converted", "stretched", "world")
