// An if inside an expression has one expression in each block.
let x = 5;
let size = if (x > 3) { "big" } else { "small" };
puts(size);                                             // => big
puts(if (x == 1) { "one" } else if (x == 5) { "five"; } else { "many" }); // => five
puts(1 + if (x < 3) { 10 } else { 20 } * 2);            // => 41
let f = fn(n) { return if (n) { n * 2 } };
puts(f(4), f(0));                                       // => 8 null
set x = if (false) { 1 } else { if (true) { 2 } else { 3 } };
puts(x);                                                // => 2
