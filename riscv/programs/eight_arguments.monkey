// As many arguments as there are argument registers, each with a weight that shows a swap.
let f = fn(a, b, c, d, e, f, g, h) {
    return a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h
};
let last = fn(a, b, c, d, e, f, g, h) { return h };
puts(f(1, 1, 1, 1, 1, 1, 1, 1));   // => 255
puts(f(1, 0, 1, 0, 1, 0, 1, 0));   // => 85
puts(f(8, 7, 6, 5, 4, 3, 2, 1));   // => 502
puts(last(1, 2, 3, 4, 5, 6, 7, f(0, 0, 0, 0, 0, 0, 0, 2))); // => 256
