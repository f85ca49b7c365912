"""The fuzz script: it finds what is wrong, shrinks it, and is silent on what is documented."""

from random import Random

import fuzz_language
import pytest


def test_outcomes_are_words():
    assert fuzz_language.outcome("puts(1)") == "ended"
    assert fuzz_language.outcome("puts(1") == "refused"
    assert fuzz_language.outcome("-null") == "type-error"
    assert fuzz_language.outcome("while (1) { }") == "step-limit"


def test_a_slow_program_is_an_error(monkeypatch):
    monkeypatch.setattr(fuzz_language, "SECONDS", -1.0)
    with pytest.raises(TimeoutError):
        fuzz_language.outcome("1")
    assert fuzz_language.breaks("1")


def test_inputs_depend_on_the_seed_alone():
    def inputs(seed):
        random = Random(seed)
        return [fuzz_language.text(random, ["puts(1)"]) for _ in range(20)]

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)


@pytest.mark.slow
def test_some_hundred_texts_are_refused_or_run(capsys):
    assert fuzz_language.main(["--inputs", "300"]) == 0
    assert "300 texts in" in capsys.readouterr().out


def test_a_text_that_breaks_the_interpreter_is_shrunk_and_printed(monkeypatch, capsys):
    def broken(value, depth=0):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("riscv.interpreter.show", broken)
    assert fuzz_language.main(["--seed", "3", "--inputs", "500"]) == 1
    printed = capsys.readouterr()
    assert "puts(0);" in printed.out
    assert printed.out.count("\n") < 8
    assert printed.err == "ZeroDivisionError: oh\n"


def test_a_text_that_cannot_be_parsed_is_printed_as_it_is(monkeypatch, capsys):
    monkeypatch.setattr("riscv.lexer.LEXEME", None)
    assert fuzz_language.main(["--inputs", "5"]) == 1
    assert "cannot be shrunk: 'NoneType' object" in capsys.readouterr().err
