// Values whose kinds are known only when the program runs.
let pick = fn(i) { [1, "two", null, [4], {"k": 5}, true, fn(x) { x + 1 }][i] };
puts(pick(0) + pick(0), pick(1) + pick(1));          // => 2 twotwo
puts(pick(0) == 1, pick(1) == "two", pick(2) == null); // => true true true
puts(pick(3) == pick(3), pick(5) == true, pick(0) != pick(0)); // => false true false
puts(pick(0) == pick(1), pick(2) == false, pick(5) == 1); // => false false false
puts(pick(6)(41), pick(3)[0], pick(4)["k"], pick(1)[2]); // => 42 4 5 o
puts(len(pick(1)), len(pick(3)), len(pick(4)));      // => 3 1 1
puts(pick(0) < 2, -pick(0), ~pick(0), !pick(2));     // => true -1 -2 true
let swap = fn(x) { let y = x; if (x == 1) { set y = "one" } y };
puts(swap(1), swap(2), swap(null));                  // => one 2 null
let nested = 0;
for (x in [true, 2, "s"]) { set nested = [nested, x] }
puts(nested);                                        // -> [[[0, true], 2], s]
let i = 0;
let text = "";
while (i < 3) { set text = i == 1 ? text + "b" : text + "a"; set i = i + 1 }
puts(text);                                          // => aba
let apply = fn(f, a) { f(a) };
puts(apply(fn(x) { x && 1 }, []), apply(fn(x) { !x }, 0), apply(pick(6), -1)); // => true true 0
for (c in pick(1)) { puts(c) }                       // => t w o
for (k in pick(4)) { puts(k) }                       // => k
puts(rest(pick(3)), rest(rest([1, 2])), first(rest([1, null])), last([pick(6)])(1)); // => [] [] null 2
let h = pick(4);
set h[pick(5)] = pick(3);
set h[pick(1)] = h["none"];
puts(h);                                             // -> {k: 5, true: [4], two: null}
