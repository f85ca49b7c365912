"""Faults of the library, one file per file of nnlab.nn."""

#: Each gradient term in these packages can be scaled: `nnlab show graded:nnlab.nn.norm:LayerNorm.backward:2@1e-3`.
GRADED = ("nnlab.nn",)
