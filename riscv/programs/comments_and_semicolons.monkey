// A semicolon stands between statements; behind a block it may be left out or written.
let one = fn() { return 1 }
let two = fn() { return 2; };
if (one() == 1) { puts(10) } puts(11);  // => 10 11
while (false) { };
puts(two()) // => 2
