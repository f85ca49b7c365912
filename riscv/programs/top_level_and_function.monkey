// Locals at the top level and a function. A compiler that puts the saves of the first into the prologue hole of the
// second stores through a stack pointer that is not set up.
let f = fn(x) { let y = x * 2; return y + 1 };
let a = 3;
let b = f(a);
puts(a); // => 3
puts(b)  // => 7
