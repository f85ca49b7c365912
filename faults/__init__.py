"""The catalog: real, cited faults, each as a small edit of the code beside which it stands."""

#: mutmut's mutants of these packages are faults too: `nnlab show mutmut:nnlab/nn/norm.py:15:LayerNorm.__init__:1`.
MUTATED = ("nnlab.nn", "nnlab.gradcheck", "nnlab.contracts", "riscv")
#: Operators are applied to these packages: `nnlab show operator:swap-matmul:nnlab.nn.linear:Linear.backward:1`. The
#: modules left out belong to the checks, not to what is checked (they draw or shrink subjects, or judge them), write
#: texts for people, or need an extra.
OPERATED = {
    "nnlab.nn": ("case",),
    "riscv": (
        *("__main__", "agreement", "backend.check", "disassembler", "errors", "fast", "generate", "invariant"),
        *("heap", "ir.verify", "monitors", "peers", "programs", "random_expressions", "random_programs", "reports"),
        *("shrink", "single", "trace", "unparse"),
    ),
}
