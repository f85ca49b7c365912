// Parameters are copies, a call may stand alone, the value of the last expression is that of the function.
let add = fn(a, b) { return a + b };
let swap = fn(a, b) { return add(b * 10, a) };
let last = fn(a, b) { a; b + 0 };
let either = fn(x) { if (x > 0) { 5 } else if (x < 0) { set x = x * 2; x } else { 7 } };
let change = fn(x) { set x = x + 1; return x };
let x = 41;
puts(change(x), x);          // => 42 41
puts(add(2, 3), swap(1, 2)); // => 5 21
puts(last(3, 4), either(1), either(0), either(-4)); // => 4 5 7 -8
add(1, 2);
puts(add(add(1, 2), add(3, add(4, 5)))); // => 15
