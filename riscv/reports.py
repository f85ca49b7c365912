"""What monitors have in common: a list of violations."""

from riscv.outcome import Violation


class Reports:
    """A list of violations with one entry for each rule and instruction."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def report(self, name: str, pc: int, message: str) -> None:
        """Note a violation, unless this instruction has broken this rule before."""
        if all((violation.name, violation.pc) != (name, pc) for violation in self.violations):
            self.violations.append(Violation(name, pc, f"{name} at {pc:#010x}: {message}"))
