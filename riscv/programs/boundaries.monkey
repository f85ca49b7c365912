// Constants on both sides of what addi and lui can hold, printed and added.
puts(0x7ff, 0x800, 0x801, 0xfff, 0x1000);            // => 2047 2048 2049 4095 4096
puts(-0x7ff, -0x800, -0x801, -0x1000);               // => -2047 -2048 -2049 -4096
puts(0x7fffe7ff, 0x7ffff7ff, 0x7ffff800, 0x7fffffff); // => 2147477503 2147481599 2147481600 2147483647
puts(0x80000000, 2147483648, -2147483648);           // => -2147483648 -2147483648 -2147483648
puts(0xffffffff, 0xfffff800, 0xfffff7ff);            // => -1 -2048 -2049
puts(0x12345678, 0x12345fff, 0xedcba988);            // => 305419896 305422335 -305419896
let x = 0x7ffff800;
puts(x + 0x7ff, x + 0x800);                          // => 2147483647 -2147483648
