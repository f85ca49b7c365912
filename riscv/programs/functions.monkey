// Parameters are copies, a function that ends without return gives 0, a call may stand alone.
let add = fn(a, b) { return a + b };
let swap = fn(a, b) { return add(b * 10, a) };
let nothing = fn() { };
let falls = fn(x) { if (x > 0) { return 5 } };
let change = fn(x) { set x = x + 1; return x };
let x = 41;
puts(change(x), x);          // => 42 41
puts(add(2, 3), swap(1, 2)); // => 5 21
puts(nothing(), falls(1), falls(0)); // => 0 5 0
add(1, 2);
puts(add(add(1, 2), add(3, add(4, 5)))); // => 15
puts(puts(1));               // => 1 0
