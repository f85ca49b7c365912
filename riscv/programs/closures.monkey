// A function captures the values of outer variables when it is made, through every function between.
let x = 1;
let f = fn() { x };
set x = 2;
puts(f(), x);                                        // => 1 2
let add = fn(a) { fn(b) { fn(c) { a * 100 + b * 10 + c } } };
puts(add(1)(2)(3));                                  // => 123
let one = add(1);
let two = add(2);
puts(one(0)(0), two(0)(0), one(5)(6));               // => 100 200 156
let counter = fn() { let state = [0]; fn() { set state[0] = state[0] + 1; state[0] } };
let c = counter();
let d = counter();
puts(c(), c(), d(), c());                            // => 1 2 1 3
let through = fn() { let inner = fn() { fn() { x + 40 } }; inner()() };
puts(through());                                     // => 42
let fs = [];
let i = 0;
while (i < 3) { let j = i * 10; set fs = push(fs, fn() { i + j }); set i = i + 1 }
puts(fs[0](), fs[1](), fs[2]());                     // => 0 11 22
let make = fn(n) { let down = fn(k) { k == 0 ? n : down(k - 1) }; down };
puts(make(7)(3), make(8)(0));                        // => 7 8
let own = fn(p) { let g = fn() { let p = 5; p }; g() + p };
puts(own(1));                                        // => 6
let many = fn(a, b, c, d) { let e = a + b; fn(f) { fn() { [a, b, c, d, e, f] } } };
puts(many(1, 2, 3, 4)(5)());                         // -> [1, 2, 3, 4, 3, 5]
let both = fn() { fn(a, b) { fn() { [a, b, a] } } };
puts(both()("x", 2)());                              // -> [x, 2, x]
