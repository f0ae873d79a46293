"""What changed between two texts: both can be put together again from the pieces, and no text takes long."""

import time
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.word_differences import Fate, Piece, word_differences

TEXTS = st.lists(
    st.sampled_from(["a", "b", "goal ", " ", "\n", "\r\n", "\u2028", "Ż", "100", ""]), max_size=30
).map("".join)


def joined(pieces, *fates):
    return "".join(piece.text for piece in pieces if piece.fate in fates)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TEXTS, TEXTS)
def test_both_texts_are_put_together_from_the_pieces(old, new):
    pieces = word_differences(old, new)
    assert joined(pieces, Fate.KEPT, Fate.REMOVED) == old
    assert joined(pieces, Fate.KEPT, Fate.ADDED) == new
    assert all(piece.text for piece in pieces)
    assert all(one.fate != other.fate for one, other in pairwise(pieces))
    assert (old == new) == all(piece.fate == Fate.KEPT for piece in pieces)


def test_a_changed_word_is_all_that_is_marked():
    assert word_differences("Call within 4 hours.\nAlways.", "Call within 2 hours.\nAlways.") == [
        Piece(Fate.KEPT, "Call within "),
        Piece(Fate.REMOVED, "4"),
        Piece(Fate.ADDED, "2"),
        Piece(Fate.KEPT, " hours.\nAlways."),
    ]


def test_the_longest_texts_take_no_time_worth_waiting_for():
    numbered = [" ".join(f"word{(n * step) % 977}" for n in range(3_000)) for step in (7, 13)]
    for old, new in (
        ("a " * 10_000, "a b " * 5_000),
        ("a\n" * 10_000, "b\na\n" * 5_000),
        (numbered[0], numbered[1]),
        (numbered[0].replace(" ", "\n"), numbered[1].replace(" ", "\n")),
        (("x y " * 490).strip(), ("y x " * 490).strip()),
    ):
        began = time.process_time()
        pieces = word_differences(old, new)
        assert joined(pieces, Fate.KEPT, Fate.ADDED) == new
        assert time.process_time() - began < 2
