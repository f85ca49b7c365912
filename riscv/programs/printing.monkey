// What puts prints of each kind, alone and inside of others.
puts(0, -1, 2147483647, -2147483648);  // => 0 -1 2147483647 -2147483648
puts(true, false, null);               // => true false null
puts("s p", "a\\n");                   // -> s p
                                       // -> a\n
puts(fn(x) { x });                     // => fn
let named = fn(a, b) { a };
puts(named, [named]);                  // => fn [fn]
puts([1, "a b", [], {}], {"k": [null]}); // -> [1, a b, [], {}]
                                       // -> {k: [null]}
puts([[[[[[[[1]]]]]]]]);               // => [[[[[[[[1]]]]]]]]
puts([[[[[[[[[1], 2]]]]]]]]);          // -> [[[[[[[[..., 2]]]]]]]]
let a = [1];
set a[0] = a;
puts(a);                               // => [[[[[[[[...]]]]]]]]
let h = {};
set h["h"] = h;
puts(h);                               // -> {h: {h: {h: {h: {h: {h: {h: {h: ...}}}}}}}}
puts();
puts(1, puts(2), 3);                   // => 1 2 null 3
