"""Room on Python's stack for the stages that recurse over the tree, whose depth the parser bounds."""

import sys
from typing import Final

FRAMES: Final = 12_000


class Room:
    """Within `with Room():` Python may nest FRAMES calls; afterwards as many as before."""

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(FRAMES)

    def __exit__(self, *_error: object) -> None:
        sys.setrecursionlimit(self.before)
