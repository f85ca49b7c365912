let f = fn(k) { if (k <= 1) { return k }; return f(k - 1) + f(k - 2) }; puts(f(10)) // => 55
