"""The counts of the six programs: reported, compared with the post's, and refused when a program prints wrongly."""

import json
from dataclasses import replace

import bench_riscv
import pytest


def test_the_short_programs_are_counted_and_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("bench_riscv.CASES", bench_riscv.CASES[2:])
    monkeypatch.setattr("bench_riscv.which", lambda _: None)
    assert bench_riscv.main(["--json", str(tmp_path / "counts.json"), "--repeat", "0"]) == 0
    data = json.loads((tmp_path / "counts.json").read_text())
    assert (data["schema"], data["engines"]) == ("nnlab.bench-riscv/1", [])
    assert data["programs"][-1] == {"program": "fact12", "o0": 251, "o1": 166, "post": 374, "gcc": None}
    assert "fact12           251       166        374      0.444         -" in capsys.readouterr().out


def test_more_than_half_of_the_posts_instructions_fail(monkeypatch, capsys):
    monkeypatch.setattr("bench_riscv.CASES", (replace(bench_riscv.CASES[-1], post=331),))
    monkeypatch.setattr("bench_riscv.which", lambda _: None)
    assert bench_riscv.main(["--repeat", "0"]) == 1


def test_a_wrong_output_is_an_error():
    with pytest.raises(SystemExit, match=r"^fact12 printed \('479001600',\), not 5: None$"):
        bench_riscv.count(replace(bench_riscv.CASES[-1], output="5"))


@pytest.mark.slow
@pytest.mark.skipif(bench_riscv.which(bench_riscv.GCC) is None, reason=f"{bench_riscv.GCC} is not installed")
def test_gcc_compiles_the_same_programs():
    assert 0 < bench_riscv.count(bench_riscv.CASES[-1]).gcc < 374


@pytest.mark.slow
def test_the_speed_of_each_engine_is_reported(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("bench_riscv.CASES", ())
    loops = "again: li s2, 9999\nstep: addi s2, s2, -1\nbnez s2, step\naddi s3, s3, -1\nbnez s3, again"
    program = f"li s3, {{rounds}}\n{loops}\nli a7, 93\ndone: ecall"
    monkeypatch.setattr("bench_emulators.SIEVE", program)
    monkeypatch.setattr("bench_emulators.GENERATOR", program)
    assert bench_riscv.main(["--json", str(tmp_path / "speeds.json"), "--repeat", "1"]) == 0
    rows = json.loads((tmp_path / "speeds.json").read_text())["engines"]
    assert {row["program"] for row in rows} == {"sieve", "generator"}
    assert rows[0]["engine"] == "plain Python"
    assert all(row["speed"] > 0 for row in rows)
    assert "sieve      plain Python" in capsys.readouterr().out
