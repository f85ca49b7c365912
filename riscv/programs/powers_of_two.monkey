// What a compiler may do by shifts and masks, of numbers that it does not know: below 0 and the least of all.
let numbers = [-7, -2147483648];
let halves = fn(x) { puts(x / 2, x / 8, x / 1073741824) };
for (x in numbers) { halves(x) }  // => -3 0 0 -1073741824 -268435456 -2
let turned = fn(x) { puts(x / -1, x / -2, x / -2147483648) };
for (x in numbers) { turned(x) }  // => 7 3 0 -2147483648 1073741824 1
let rests = fn(x) { puts(x % 2, x % 8, x % -8, x % 1) };
for (x in numbers) { rests(x) }  // => -1 -7 -7 0 0 0 0 0
let products = fn(x) { puts(x * 2, x * -1, x * 9, x * 7) };
for (x in numbers) { products(x) }  // => -14 7 -63 -49 0 -2147483648 -2147483648 -2147483648
let is_even = fn(x) { if (x % 2 == 0) { puts(1) } else { puts(0) } };
for (x in numbers) { is_even(x) }  // => 0 1
let is_eighth = fn(x) { if (x % 8 == 0) { puts(1) } else { puts(0) } };
for (x in numbers) { is_eighth(x) }  // => 0 1
