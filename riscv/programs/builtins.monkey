// puts, len, first, last, rest, push; their names may be taken for other things.
let a = [1, 2, 3];
puts(first(a), last(a), len(a));      // => 1 3 3
puts(rest(a), rest([1]));             // -> [2, 3]
                                      // -> []
puts(push(a, [4]), push([], 1));      // -> [1, 2, 3, [4]]
                                      // -> [1]
puts(a);                              // -> [1, 2, 3]
puts(first([]), last([]), rest([]));  // => null null null
puts(len({1: 2}), len("four"));       // => 1 4
let map = fn(f, list) { if (len(list) == 0) { return [] } let tail = map(f, rest(list)); let all = [f(first(list))]; for (x in tail) { set all = push(all, x) } all };
puts(map(fn(x) { x * x }, a));        // -> [1, 4, 9]
let sum = fn(list) { let total = 0; for (x in list) { set total = total + x } total };
puts(sum(a), sum([]));                // => 6 0
let f = fn(len) { let rest = len + 1; rest };
puts(f(6));                           // => 7
if (true) { let first = fn(x, y) { x - y }; puts(first(9, 4)) } // => 5
puts(first([8]));                     // => 8
