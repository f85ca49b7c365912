// Functions are values: passed, returned, stored and applied where they stand.
let twice = fn(f, x) { f(f(x)) };
puts(twice(fn(x) { x * 3 }, 2));                     // => 18
puts(fn(x) { x + 1 }(4), fn() { 9 }());              // => 5 9
let compose = fn(f, g) { fn(x) { g(f(x)) } };
let h = compose(fn(x) { x + 1 }, fn(x) { x * 10 });
puts(h(1), compose(h, h)(1));                        // => 20 210
let reduce = fn(list, start, f) { let all = start; for (x in list) { set all = f(all, x) } all };
puts(reduce([1, 2, 3, 4], 0, fn(a, b) { a + b }));   // => 10
puts(reduce(["a", "b"], "", fn(a, b) { a + b }));    // => ab
let g = twice;
puts(g(fn(s) { s + "!" }, "hi"));                    // => hi!!
let table = {"double": fn(x) { x + x }, "square": fn(x) { x * x }};
puts(table["double"](7), table["square"](7));        // => 14 49
let apply = fn(f, n) { if (n == 0) { return f } apply(fn(x) { f(x) + 1 }, n - 1) };
puts(apply(fn(x) { x }, 5)(100));                    // => 105
let fix = fn(f, n) { f(f, n) };
puts(fix(fn(self, n) { n < 2 ? 1 : n * self(self, n - 1) }, 5)); // => 120
if (fn() { false }()) { puts(1) } else { puts(2) }   // => 2
