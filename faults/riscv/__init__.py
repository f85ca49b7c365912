"""Faults of the compiler and the emulator, one file per file of riscv."""
