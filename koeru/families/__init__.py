"""Kinds of training: each is one folder with its entry, its stages, its task, its measurement and its page.

A family is here because it is named below; nothing is searched for.
"""

from koeru.families.acoustic.family import FAMILY as ACOUSTIC
from koeru.families.recogniser.family import FAMILY as RECOGNISER
from koeru.families.vc.family import FAMILY as VC
from koeru.families.vocoder.family import FAMILY as VOCODER
from koeru.graph.family import Registry

FAMILIES = Registry((ACOUSTIC, RECOGNISER, VC, VOCODER))
