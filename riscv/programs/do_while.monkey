// The block runs before the condition is looked at, which does not see the variables of the block.
let i = 0;
do { puts(i); set i = i + 1 } while (i < 3);     // => 0 1 2
do { puts(9) } while (false);                    // => 9
let n = 7;
do { let n = 1; set i = i + n } while (n != 7);
puts(i);                                         // => 4
do { set i = i - 1; if (i == 2) { continue } if (i < 0) { break } puts(i) } while (true); // => 3 1 0
let f = fn() { do { return 5 } while (true) };
puts(f());                                       // => 5
