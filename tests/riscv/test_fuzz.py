"""Random bytes as ELF, as code and as assembly; scripts/fuzz_riscv.py takes 100,000 of them."""

import fuzz_riscv
import pytest


@pytest.mark.slow
def test_random_bytes_end_in_documented_errors_and_traps_only():
    ends = fuzz_riscv.fuzz(0, 3000)
    assert sum(ends.values()) == 3000
    assert {"ELF: refused", "ELF: exit", "code: exit", "code: illegal-instruction", "assembly: refused"} < set(ends)
    assert len(ends) > 12


def test_an_undocumented_exception_names_the_input(monkeypatch):
    def broken(rng):
        raise KeyError(rng.random())

    monkeypatch.setattr(fuzz_riscv, "KINDS", (broken,))
    with pytest.raises(KeyError) as error:
        fuzz_riscv.fuzz(5, 3)
    assert error.value.__notes__ == ["repeat it with: python scripts/fuzz_riscv.py --inputs 1 --seed 5"]
