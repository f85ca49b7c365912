// Nine, ten and more arguments, with a weight on each that shows a swap.
let nine = fn(a, b, c, d, e, f, g, h, i) { a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h + 256 * i };
let ten = fn(a, b, c, d, e, f, g, h, i, j) { nine(b, c, d, e, f, g, h, i, j) * 2 + a };
puts(nine(1, 0, 0, 0, 0, 0, 0, 0, 1), nine(9, 8, 7, 6, 5, 4, 3, 2, 1)); // => 257 1013
puts(ten(1, 0, 0, 0, 0, 0, 0, 1, 0, 1), ten(0, 0, 0, 0, 0, 0, 0, 0, 1, 0)); // => 641 256
let twelve = fn(a, b, c, d, e, f, g, h, i, j, k, l) { set l = l + k; set i = i * 2; [a, b, c, d, e, f, g, h, i, j, k, l] };
puts(twelve(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)); // -> [1, 2, 3, 4, 5, 6, 7, 8, 18, 10, 11, 23]
let deep = fn(n, a, b, c, d, e, f, g, h, i) { n == 0 ? i : deep(n - 1, i, a, b, c, d, e, f, g, h) };
puts(deep(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), deep(1, 1, 2, 3, 4, 5, 6, 7, 8, 9), deep(4, 1, 2, 3, 4, 5, 6, 7, 8, 9)); // => 9 8 5
puts(nine(1, 1, 1, 1, 1, 1, 1, 1, nine(1, 0, 0, 0, 0, 0, 0, 0, 0))); // => 511
let early = fn(a, b, c, d, e, f, g, h, i) { if (i > a) { return i - b } nine(i, b, c, d, e, f, g, h, a) + i };
puts(early(1, 1, 0, 0, 0, 0, 0, 0, 9), early(9, 1, 0, 0, 0, 0, 0, 0, 1)); // => 8 2308
let turned = fn(a, b, c, d, e, f, g, h, i) { nine(i, h, g, f, e, d, c, b, a) };
puts(turned(1, 2, 3, 4, 5, 6, 7, 8, 9)); // => 1013
