// Hashes: integers, booleans and strings as keys, in the order in which they first came.
let h = {"one": 1, 2: "two", true: [3], "o" + "ther": null};
puts(h["one"], h[1 + 1], h[1 < 2][0], h["other"]);   // => 1 two 3 null
puts(h["none"], h[1], h[false], h["2"]);             // => null null null null
puts(len(h), len({}));                               // => 4 0
puts(h);                                             // -> {one: 1, 2: two, true: [3], other: null}
puts({});                                            // => {}
set h["one"] = 10;
set h["new"] = 5;
set h[0] = 6;
puts(h);                                             // -> {one: 10, 2: two, true: [3], other: null, new: 5, 0: 6}
puts({1: 1, true: 2, "1": 3, 0: 4, false: 5, "": 6}); // -> {1: 1, true: 2, 1: 3, 0: 4, false: 5, : 6}
puts({1: "a", 2: "b", 1: "c"});                      // -> {1: c, 2: b}
puts({"f": fn(x) { x + 1 }}["f"](4), {-1: 2}[0 - 1], {0xffffffff: 3}[-1]); // => 5 2 3
let counts = {};
for (word in ["a", "b", "a", "c", "a"]) { set counts[word] = (counts[word] == null ? 0 : counts[word]) + 1 }
puts(counts);                                        // -> {a: 3, b: 1, c: 1}
let deep = {"x": {"y": {}}};
set deep["x"]["y"]["z"] = 1;
puts(deep["x"]["y"]["z"], deep);                     // -> 1
                                                     // -> {x: {y: {z: 1}}}
