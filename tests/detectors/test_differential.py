"""The differential detector compares the heap at the end, which the output need not show."""

import pytest

from nnlab.detectors import differential
from riscv import heap


@pytest.fixture
def lost_words(monkeypatch):
    """Makes the heap lack its last words at -O1, or hold others."""

    def change(**changed):
        plain = heap.run

        def run(program, *options):
            outcome, words = plain(program, *options)
            at = changed.get("at", len(words))
            return outcome, words[: changed.get("end", len(words))][:at] + changed.get("put", words[at:])

        levels = iter((plain, run))
        monkeypatch.setattr(heap, "run", lambda *given: next(levels)(*given))

    return change


TEXT = "let a = [1, 2]; set a[0] = 7; puts(1)"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"at": 1, "put": (1,)}, r"p: heap\[1\]: expected 7 as at -O0, got 1"),
        ({"end": 3}, "p: heap: expected 5 words as at -O0, got 3"),
    ],
)
def test_another_heap_is_a_difference(lost_words, changed, message):
    differential._agree("p", TEXT)
    lost_words(**changed)
    with pytest.raises(AssertionError, match=f"^{message}$"):
        differential._agree("p", TEXT)


def test_the_heap_does_not_matter_where_a_resource_ended(lost_words):
    text = "let f = fn(n) { [n]; f(n) + 1 }; f(1)"
    lost_words(end=0)
    differential._agree("p", text)
