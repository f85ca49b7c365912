// Left to right, in everything that has parts.
let say = fn(x) { puts(x); x };
let f = fn(a, b) { a };
let a = [say(1), say(2)];                            // => 1 2
let h = {say("k"): say(3), say("l"): say(4)};        // => k 3 l 4
set a[say(0)] = say(5);                              // => 0 5
let which = fn() { puts(6); f };
which()(say(7), say(8));                             // => 6 7 8
let give = fn() { puts(9); a };
set give()[say(1)] = say(11);                        // => 9 1 11
puts(give()[say(1)]);                                // => 9 1 11
say(1) + say(2) * say(3);                            // => 1 2 3
(say(1) & say(2)) << say(3);                         // => 1 2 3
let x = say(0) ? say(1) : say(2);                    // => 0 2
for (v in say("ab")) { say(v) }                      // => ab a b
let i = 2;
let r = [i, fn() { i }(), i + 1];
puts(r);                                             // -> [2, 2, 3]
