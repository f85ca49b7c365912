// Left to right, everywhere.
let say = fn(x) { puts(x); return x };
let sub = fn(a, b) { return a - b };
let r = say(9) - say(4);                  // => 9 4
puts(r);                                  // => 5
let s = sub(say(1), sub(say(2), say(3))); // => 1 2 3
puts(s);                                  // => 2
puts(say(7), say(8));                     // => 7 7 8 8
let t = say(1) < say(2) == say(3) > say(0); // => 1 2 3 0
if (t) { puts(6) } else { puts(5) }       // => 6
