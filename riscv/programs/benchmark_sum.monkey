let s = 0; let k = 1; while (k <= 1000) { set s = s + k; set k = k + 1; }; puts(s) // => 500500
