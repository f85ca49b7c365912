// break leaves the innermost loop, continue its block.
let i = 0;
while (true) { set i = i + 1; if (i == 2) { continue } if (i > 4) { break } puts(i) } // => 1 3 4
for (x in [1, 2, 3, 4]) { if (x == 2) { continue } if (x == 4) { break } puts(x) }    // => 1 3
for (a in [1, 2, 3]) {
    for (b in [1, 2, 3]) { if (b == a) { break } puts(a * 10 + b) }                   // => 21 31 32
    if (a == 3) { break }
    if (a) { continue }
    puts(0)
}
let n = 0;
do { set n = n + 1; while (true) { break } if (n == 2) { continue } } while (n < 3);
puts(n);                                                                              // => 3
let f = fn() { for (x in [1, 2]) { while (true) { break } if (x == 2) { return x } } };
puts(f());                                                                            // => 2
