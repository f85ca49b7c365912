// A return inside a loop, before a let that takes a new register. A compiler that restores at that return only the
// registers in use so far loses the caller's c.
let f = fn(n) { let i = 0; while (i < 10) { if (i == n) { return 7 }; let z = 99; set i = i + 1; }; return 0 };
let a = 1; let b = 2; let c = 3; let d = 4; let e = f(2);
puts(a); // => 1
puts(b); // => 2
puts(c); // => 3
puts(d); // => 4
puts(e)  // => 7
