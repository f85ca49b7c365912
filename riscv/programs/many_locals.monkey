// Thirteen locals at the top level: two of them in the frame, and calls in between.
let id = fn(x) { let y = x; return y };
let a = 1; let b = 2; let c = 3; let d = 4; let e = 5; let f = 6; let g = 7;
let h = 8; let i = 9; let j = 10; let k = 11; let l = id(12); let m = id(13);
set a = id(a + m); set l = l + a;
puts(a + b + c + d + e + f + g + h + i + j + k + l + m); // => 118
puts(a, k, l, m); // => 14 11 26 13
