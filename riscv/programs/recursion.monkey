// Values that live across calls of the same function.
let power = fn(b, e) { if (e == 0) { return 1 } let half = power(b, e / 2); if (e % 2) { return half * half * b } return half * half };
let ackermann = fn(m, n) {
    if (m == 0) { return n + 1 }
    if (n == 0) { return ackermann(m - 1, 1) }
    return ackermann(m - 1, ackermann(m, n - 1))
};
let gcd = fn(a, b) { if (b == 0) { return a } return gcd(b, a % b) };
puts(power(3, 13), power(2, 31)); // => 1594323 -2147483648
puts(ackermann(2, 2));            // => 7
puts(gcd(1071, 462));             // => 21
