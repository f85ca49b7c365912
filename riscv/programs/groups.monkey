// Functions declared together see each other, with what each has captured.
let base = 10;
let even = fn(n) { n == 0 ? base : odd(n - 1) };
let odd = fn(n) { n == 0 ? -base : even(n - 1) };
puts(even(4), odd(4), even(3));                      // => 10 -10 -10
set base = 20;
puts(even(2));                                       // => 10
let pick = even;
puts(pick(6));                                       // => 10
let pair = fn(a) {
    let get = fn() { a };
    let both = fn() { [get(), next()] };
    let next = fn() { a + 1 };
    both
};
puts(pair(3)(), pair(5)());                          // -> [3, 4]
                                                     // -> [5, 6]
let f = fn() { 1 };
if (true) {
    let g = fn() { f() * 10 };
    let f = fn() { 2 };
    puts(g());                                       // => 20
}
puts(f());                                           // => 1
