"""What every layer should compute, as plain code written from its formula: one file per file of nnlab/nn."""
