let f = fn(k) { if (k <= 1) { return 1 }; return k * f(k - 1) }; puts(f(12)) // => 479001600
