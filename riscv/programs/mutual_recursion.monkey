// Functions of one scope see each other, wherever they stand.
let even = fn(n) { if (n == 0) { return 1 } return odd(n - 1) };
let odd = fn(n) { if (n == 0) { return 0 } return even(n - 1) };
puts(even(10), odd(10), even(7), odd(7)); // => 1 0 0 1
