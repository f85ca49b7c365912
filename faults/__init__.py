"""The catalog: real, cited faults, each as a small edit of the code beside which it stands."""

#: Operators are applied to these packages: `nnlab show operator:swap-matmul:nnlab.nn.linear:Linear.backward:1`.
OPERATED = ("nnlab.nn", "riscv")
