let s = 0; let a = 0; while (a < 20) { let b = 0; while (b < 20) { set s = s + a * b; set b = b + 1; }; set a = a + 1; }; puts(s) // => 36100
