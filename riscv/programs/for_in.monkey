// for goes through elements, bytes and keys as they are when it starts; each round has a variable of its own.
for (x in [3, "a", null]) { puts(x) }               // => 3 a null
for (c in "xyz") { puts(c + c) }                    // => xx yy zz
for (k in {"b": 1, 2: 2, true: 3}) { puts(k) }      // => b 2 true
for (x in []) { puts(x) }
for (x in "") { puts(x) }
for (x in {}) { puts(x) }
let a = [1, 2, 3];
for (x in a) { set a[2] = 9; set x = x * 10; puts(x) } // => 10 20 30
let h = {1: 1};
for (k in h) { set h[k + 1] = k; puts(k) }          // => 1
puts(len(h));                                       // => 2
let x = 7;
for (x in [x, x + 1]) { puts(x) }                   // => 7 8
puts(x);                                            // => 7
let fs = [];
for (n in [1, 2, 3]) { set fs = push(fs, fn() { n * n }) }
puts(fs[0](), fs[1](), fs[2]());                    // => 1 4 9
for (row in [[1, 2], [3]]) { for (v in row) { puts(v) } } // => 1 2 3
let find = fn(list, wanted) { let at = 0; for (v in list) { if (v == wanted) { return at } set at = at + 1 } return -1 };
puts(find([5, 6, 7], 6), find([], 1));              // => 1 -1
for (v in a) { set a = [0]; puts(v) }               // => 1 2 9
