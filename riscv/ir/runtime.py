"""The runtime, `runtime.monkey`: functions that compiled programs call, in the language itself and some more builtins.

They are about words and bytes of memory, constants, requests and traps; an address is an integer. The language's own
builtins do not exist there, so that functions of the runtime may have their names.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from riscv import syntax
from riscv.errors import Source
from riscv.ir.kinds import ARRAY, BOOLEAN, FUNCTION, HASH, INTEGER, NULL, STRING
from riscv.ir.nodes import HEAP_FREE, HEAP_LIMIT
from riscv.outcome import TrapKind
from riscv.resolver import Resolved, resolve

FILE: Final = Path(__file__).parent / "runtime.monkey"
PREFIX: Final = "runtime."

KINDS: Final[Mapping[str, int]] = {
    "integer_tag": INTEGER,
    "boolean_tag": BOOLEAN,
    "string_tag": STRING,
    "array_tag": ARRAY,
    "hash_tag": HASH,
    "null_tag": NULL,
    "function_tag": FUNCTION,
}
ERRORS: Final[Mapping[str, TrapKind]] = {
    "type_error": "type-error",
    "index_error": "index-error",
    "out_of_memory": "out-of-memory",
}
NULL_ELEMENT: Final = "null.element"
#: Addresses: of the word that says where free memory begins, of its end, of null as an element.
LABELS: Final[Mapping[str, str]] = {"free": HEAP_FREE, "limit": HEAP_LIMIT, "null_element": NULL_ELEMENT}
LOADS: Final[Mapping[str, str]] = {"word": "lw", "byte": "lbu"}
STORES: Final[Mapping[str, str]] = {"set_word": "sw", "set_byte": "sb"}
#: How many arguments each takes.
INTRINSICS: Final[Mapping[str, int | None]] = {
    **dict.fromkeys((*KINDS, *ERRORS, *LABELS), 0),
    **dict.fromkeys(LOADS, 1),
    **dict.fromkeys(STORES, 2),
    "text": 1,
    "request": None,
}


def load() -> Resolved:
    """The whole runtime; what a program does not call is not compiled into it."""
    return resolve(Source(FILE.name, FILE.read_bytes().decode()), INTRINSICS)


def function(resolved: Resolved, name: str) -> syntax.Function:
    """One of its functions."""
    declared = (node for node in resolved.program.body if isinstance(node, syntax.Functions))
    return next(function for group in declared for function in group.functions if function.name == name)
