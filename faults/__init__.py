"""The catalog: real, cited faults, each as a small edit of the code beside which it stands."""

#: mutmut's mutants of these packages are faults too: `nnlab show mutmut:nnlab/nn/norm.py:15:LayerNorm.__init__:1`.
MUTATED = ("nnlab.nn", "nnlab.gradcheck", "nnlab.contracts", "riscv")
