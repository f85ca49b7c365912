// Booleans are values of their own; && and || give them and do not run what they need not.
puts(true, false, !true, !false);                    // => true false false true
puts(1 < 2, 2 < 1, 2 < 2, -1 < 1);                   // => true false false true
puts(1 <= 2, 2 <= 1, 2 <= 2);                        // => true false true
puts(1 > 2, 2 > 1, 2 > 2);                           // => false true false
puts(1 >= 2, 2 >= 1, 2 >= 2);                        // => false true true
puts(3 == 3, 3 == 4, 3 != 3, 3 != 4);                // => true false false true
puts(true == true, true == false, false == false);   // => true false true
puts(true != true, true != false, false != true);    // => false true true
puts(true == 1, false == 0, false == null, true != 1); // => false false false true
puts(-2147483648 < 2147483647, 0x80000000 > 0);      // => true false
puts(-1 < 0x7fffffff, -1 >= 1, -2147483648 <= -2147483648); // => true false true
let loud = fn(x) { puts(x); return x };
puts(5 && 6, 5 && 0, 0 && 5, 0 || 7, 0 || 0);        // => true false false true false
let a = 0 && loud(1);
let b = 1 || loud(2);
puts(a, b);                                          // => false true
let c = 2 && loud(3);                                // => 3
let d = 0 || loud(0);                                // => 0
puts(c, d);                                          // => true false
puts(1 || 0 && 0, (1 || 0) && 0, 1 + 1 == 2 && true); // => true false true
puts(1 < 2 == 2 > 1, !true == false);                // => true true
