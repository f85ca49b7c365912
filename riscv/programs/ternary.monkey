// condition ? then : otherwise binds loosest, and from the right; only one side runs.
let say = fn(x) { puts(x); x };
puts(true ? 1 : 2, 0 ? 1 : 2);                       // => 1 2
let t = 3 > 2 ? say(10) : say(20);                   // => 10
puts(t);                                             // => 10
let sign = fn(n) { n < 0 ? -1 : n == 0 ? 0 : 1 };
puts(sign(-9), sign(0), sign(7));                    // => -1 0 1
puts(1 + (true ? 2 : 3) * 4, false ? 1 : 2 + 3);     // => 9 5
puts(false || true ? "y" : "n", true ? false ? 1 : 2 : 3); // => y 2
puts([true ? 1 : 2, 3], {true ? "a" : "b": false ? 1 : 2}); // -> [1, 3]
                                                     // -> {a: 2}
