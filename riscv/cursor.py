"""A cursor over the tokens of one source, which also counts how deep what it reads is nested."""

from typing import Final

from riscv.errors import LanguageError, Source
from riscv.lexer import Token, tokenize

# The stages recurse over the tree, so its depth is bounded here, long before Python's own limit.
MAX_NESTING: Final = 60
MAX_BLOCKS: Final = 30


class Cursor:
    """The next token is `token`; `nesting` and `blocks` say how deep in expressions and in blocks it stands."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = iter(tokenize(source))
        self.token = next(self.tokens)
        self.nesting = 0
        self.blocks = 0

    def at(self, *kinds: str) -> bool:
        """Is the next token one of these?"""
        return self.token.kind in kinds

    def advance(self) -> Token:
        """The next token, consumed; never the last one, "end"."""
        token, self.token = self.token, next(self.tokens)
        return token

    def accept(self, kind: str) -> bool:
        """Consume the next token if it is of this kind."""
        found = self.at(kind)
        if found:
            self.advance()
        return found

    def expect(self, kind: str, description: str) -> Token:
        """The next token, which must be of this kind."""
        if not self.at(kind):
            raise self.unexpected(description)
        return self.advance()

    def unexpected(self, description: str) -> LanguageError:
        """The error for a next token that is not what the grammar wants."""
        return self.error(f"expected {description}, found '{self.token.text}'")

    def error(self, message: str) -> LanguageError:
        """The error that points at the next token."""
        return self.source.error(self.token.position, message)

    def deeper(self) -> Token:
        """Consume a token that makes the tree one level deeper; whoever asks for it restores `nesting`."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.error(f"the expression is nested more than {MAX_NESTING} deep; split it with let")
        return self.advance()

    def enter_block(self) -> None:
        """Count a level of blocks (an else-if is one more level of the tree, too)."""
        self.blocks += 1
        if self.blocks > MAX_BLOCKS:
            raise self.error(f"blocks are nested more than {MAX_BLOCKS} deep; move the inner ones into a function")
