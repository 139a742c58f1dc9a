"""What rooms and their members are called: codes without look-alikes, and two words in place of a name."""

import random
import re
from collections.abc import Collection
from typing import NamedTuple

LETTERS = "BCDFGHJKMNPRTWXZ"  # none looks like another one; without vowels no code is a word
LENGTH = 4
CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")
COLOURS = ("red", "orange", "gold", "green", "mint", "sky", "blue", "navy", "violet", "pink", "silver", "black")
ANIMALS = (
    *("whale", "tiger", "rabbit", "owl", "fox", "bear", "otter", "heron", "deer", "crane", "squirrel", "dolphin"),
    *("magpie", "turtle", "cat", "horse", "panda", "penguin", "hedgehog", "swan", "koala", "lion", "seal", "badger"),
)


class Name(NamedTuple):
    """A member's: a colour and an animal, for which each language has its own words."""

    colour: str
    animal: str


NAMES = [Name(colour, animal) for colour in COLOURS for animal in ANIMALS]


def free_name(taken: Collection[Name]) -> Name:
    """One that nobody has yet, by chance. Raises IndexError when all are taken."""
    return random.choice([name for name in NAMES if name not in taken])
