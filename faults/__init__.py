"""The catalog: real, cited faults, each as a small edit of the code beside which it stands."""

#: Operators are applied to these packages: `nnlab show operator:swap-matmul:nnlab.nn.linear:Linear.backward:1`. The
#: modules left out belong to the checks, not to what is checked (`case` and `generate` draw the subjects, `monitors`
#: judges them), or write texts for people.
OPERATED = {
    "nnlab.nn": ("case",),
    "riscv": ("__main__", "disassembler", "errors", "generate", "monitors"),
}
