// Bit operations on all 32 bits.
puts(12 & 10, 12 | 10, 12 ^ 10, ~12);               // => 8 14 6 -13
puts(-1 & 0x7fffffff, -1 | 0, -1 ^ 0x7fffffff, ~-1); // => 2147483647 -1 -2147483648 0
puts(0xf0f0f0f0 & 0x0ff00ff0, 0xf0f0f0f0 | 0x0ff00ff0); // => 15728880 -983056
puts(~0, ~0x7fffffff, ~~5, -~5, ~-5);               // => -1 -2147483648 5 6 4
puts(1 | 2 ^ 3 & 2, 4 | 1 == 5, 6 & 3 < 3);         // => 1 true true
puts(1 + 2 & 2 + 1, 7 ^ 1 + 1);                     // => 3 5
