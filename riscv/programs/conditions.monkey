// Comparisons and logic decide, && and || do not run what they need not.
let yes = fn(a) { if (a) { return 1 } else { return 0 } };
let say = fn(a, b, c) { puts(yes(a) * 100 + yes(b) * 10 + yes(c)) };
say(1 < 2, 2 < 1, 2 < 2);       // => 100
say(1 <= 2, 2 <= 1, 2 <= 2);    // => 101
say(1 > 2, 2 > 1, 2 > 2);       // => 10
say(1 >= 2, 2 >= 1, 2 >= 2);    // => 11
say(3 == 3, 3 == 4, -1 < 1);    // => 101
say(3 != 3, 3 != 4, -1 > 1);    // => 10
say(-2147483648 < 2147483647, 0x80000000 > 0, true); // => 101
let same = fn(x) { if (x >= x) { puts(1) } if (x <= x) { puts(2) } if (x < x) { puts(3) } if (x != x) { puts(4) } };
same(5);                        // => 1 2
let kept = fn(a, b) { let c = a <= b; if (c) { puts(1) } else { puts(0) } };
kept(-1, 1); kept(2, 2); kept(2, 1); // => 1 1 0
let loud = fn(x) { puts(100 + x); return x };
say(5 && 6, 5 && 0, 0 && 5);    // => 100
say(0 || 7, 0 || 0, 7 || 0);    // => 101
say(!0, !7, !!7);               // => 101
if (0 && loud(1)) { puts(1) } else { puts(2) } // => 2
if (1 || loud(2)) { puts(3) } else { puts(4) } // => 3
if (2 && loud(3)) { puts(5) } else { puts(6) } // => 103 5
if (0 || loud(0)) { puts(7) } else { puts(8) } // => 100 8
say(1 || 0 && 0, (1 || 0) && 0, 1 + 1 == 2 && true); // => 101
