// Comparisons give 1 and 0; && and || do not run what they need not.
puts(true, false, !true, !0, !7);                    // => 1 0 0 1 0
puts(1 < 2, 2 < 1, 2 < 2, -1 < 1);                   // => 1 0 0 1
puts(1 <= 2, 2 <= 1, 2 <= 2);                        // => 1 0 1
puts(1 > 2, 2 > 1, 2 > 2);                           // => 0 1 0
puts(1 >= 2, 2 >= 1, 2 >= 2);                        // => 0 1 1
puts(3 == 3, 3 == 4, 3 != 3, 3 != 4);                // => 1 0 0 1
puts(-2147483648 < 2147483647, 0x80000000 > 0);      // => 1 0
let loud = fn(x) { puts(100 + x); return x };
puts(5 && 6, 5 && 0, 0 && 5, 0 || 7, 0 || 0);        // => 1 0 0 1 0
let a = 0 && loud(1);
let b = 1 || loud(2);
puts(a, b);                                          // => 0 1
let c = 2 && loud(3);                                // => 103
let d = 0 || loud(0);                                // => 100
puts(c, d);                                          // => 1 0
puts(1 || 0 && 0, (1 || 0) && 0, 1 + 1 == 2 && true); // => 1 0 1
