let c = fn(k) { let t = 0; while (k != 1) { if (k % 2 == 0) { set k = k / 2 } else { set k = 3 * k + 1 }; set t = t + 1; }; return t }; puts(c(27)) // => 111
