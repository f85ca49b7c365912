"""The publications that several faults cite."""

from nnlab.lab import Cited

POST_TITLE = "Seven Bugs in Seven Backward Passes"
POST_URL = "https://github.com/henry-the-frog/neural-net"
BACKEND_URL = "https://github.com/henry-the-frog/riscv-emulator"


def post(place: str) -> Cited:
    """The post by henry-the-frog (2026-04-16) whose seven bugs started this project."""
    return Cited(POST_TITLE, place, POST_URL)


def backend(place: str) -> Cited:
    """The post's RISC-V back end at commit 2c0689c, where further miscompiles were found to live."""
    return Cited("riscv-emulator at commit 2c0689c", place, BACKEND_URL)


def public(title: str, url: str, place: str = "") -> Cited:
    """A bug in a public tracker or publication, such as public("mlpack PR #3679", "https://github.com/…/pull/3679")."""
    return Cited(title, place, url)


def pattern_of(title: str, url: str) -> Cited:
    """The same bug as a public one, in another function: what a reviewer who knows that one looks for here."""
    return Cited(f"pattern of {title}", "", url)


def review(place: str) -> Cited:
    """What a reviewer of this code would think of first; `place` names the formula or rule that it breaks."""
    return Cited("nnlab review", place)
