// What an inner loop or function does is not done by the one around it.
for (i in [1, 2]) {
    let j = 0;
    while (j < 3) { set j = j + 1; if (j == 2) { continue } puts(i * 10 + j) }
    for (k in [4, 5, 6]) { if (k == 5) { continue } puts(i * 10 + k) }
    do { set j = j - 1; if (j == 1) { continue } puts(i * 10 + j) } while (j)
} // => 11 13 14 16 12 10 21 23 24 26 22 20
let number = fn() { let text = fn() { return "a" }; puts(text()); return 1 };
let text = fn() { let number = fn() { return 2 }; puts(number()); return "b" };
puts(number(), text());                                                                // => a 1 2 b
// A round that never ends leaves the condition out.
let n = 1;
do { if (n) { set n = 3; break } set n = 5; break } while (n);
puts(n);                                                                               // => 3
