"""Modules that stand in for Unicorn and capstone where those are not installed, made of this package's own parts.

They show that the comparison compares; only the real ones show that the emulator is right.
"""

from types import ModuleType, SimpleNamespace

from riscv.disassembler import disassemble
from riscv.emulator import BINDERS
from riscv.int32 import unsigned, wrap
from riscv.isa import decode

PAGE = 0x1000
PC_NAME = 100


class Uc:
    """A machine that translates each address once, as Unicorn does, in pages that do not overlap."""

    def __init__(self, arch, mode):
        assert (arch, mode) == ("riscv", "riscv32")
        self.x = [0] * 33
        self.place = 0
        self.pages = {}
        self.steps = {}
        self.memory = self
        self.environment = SimpleNamespace(tohost=None)

    def mem_map(self, start, size):
        assert start % PAGE == size % PAGE == 0 < size
        for page in range(start, start + size, PAGE):
            assert page not in self.pages
            self.pages[page] = bytearray(PAGE)

    def mem_write(self, address, content):
        for index, byte in enumerate(content, address):
            self.pages[index - index % PAGE][index % PAGE] = byte

    def mem_read(self, address, size):
        return bytearray(self.pages[index - index % PAGE][index % PAGE] for index in range(address, address + size))

    def load(self, address, size):
        return int.from_bytes(self.mem_read(address, size), "little")

    def store(self, address, size, bits):
        self.mem_write(address, bits.to_bytes(size, "little"))

    def reg_write(self, name, value):
        assert 0 <= value < 2**32
        if name == PC_NAME:
            self.place = value
        else:
            self.x[name] = wrap(value)

    def reg_read(self, name):
        assert name == PC_NAME
        return self.place

    def reg_read_batch(self, names):
        return tuple(unsigned(self.x[name]) for name in names)

    def ctl_flush_tb(self):
        self.steps = {}

    def emu_start(self, start, stop, count):
        assert start == self.place
        assert stop % 4  # a program may come to any other place
        for _ in range(count):
            if self.place not in self.steps:
                instruction, operands = decode(self.load(self.place, 4))
                self.steps[self.place] = BINDERS[instruction.format](self, self.place, instruction, operands)
            self.place = self.steps[self.place]()
        assert self.mem_read(self.place, 4)  # it looks at the next


class Cs:
    """A disassembler that knows the words that ours knows."""

    def __init__(self, arch, mode):
        assert (arch, mode) == ("riscv", "riscv32")

    def disasm(self, code, address):
        assert address == 0
        word = int.from_bytes(code, "little")
        if decode(word):
            name, _, operands = disassemble(word).partition(" ")
            yield SimpleNamespace(mnemonic=name, op_str=operands)


def module(name, **contents):
    """A module with some contents."""
    made = ModuleType(name)
    vars(made).update(contents)
    return made


def modules():
    """What stands in for what, by the names in sys.modules."""
    registers = {f"UC_RISCV_REG_X{number}": number for number in range(32)}
    constants = module("unicorn.riscv_const", **registers, UC_RISCV_REG_PC=PC_NAME)
    return {
        "unicorn": module("unicorn", Uc=Uc, UC_ARCH_RISCV="riscv", UC_MODE_RISCV32="riscv32", riscv_const=constants),
        "unicorn.riscv_const": constants,
        "capstone": module("capstone", Cs=Cs, CS_ARCH_RISCV="riscv", CS_MODE_RISCV32="riscv32"),
    }
