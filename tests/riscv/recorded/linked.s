# Assembled and linked with GNU as and ld 2.40 into linked.elf:
#   riscv64-unknown-elf-as -march=rv32im -mabi=ilp32 linked.s -o linked.o
#   riscv64-unknown-elf-ld -m elf32lriscv linked.o -o linked.elf
.globl _start
.text
_start:
    .option norelax
    addi sp, sp, -16
    lw t0, 16(sp)       # argc, which is there
    la a1, text
    lw a2, length
    li a0, 1
    li a7, 64
    ecall
    la t0, zeros
    lw a0, 400(t0)
    addi a0, a0, 7
    li a7, 93
    ecall
.section .rodata
text: .ascii "ld says hello\n"
end:
.data
.align 2
length: .word end - text
.bss
.align 2
zeros: .space 3000
