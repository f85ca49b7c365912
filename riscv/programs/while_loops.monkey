// Loops in loops, a let in a loop, a return out of two loops.
let find = fn(n) {
    let a = 1;
    while (true) {
        let b = 1;
        while (b <= a) { if (a * b == n) { return a * 100 + b } set b = b + 1 }
        set a = a + 1
    }
};
puts(find(12), find(35)); // => 403 705
let i = 0;
while (i < 3) { let square = i * i; puts(square); set i = i + 1 } // => 0 1 4
while (i) { set i = i - 1 }
puts(i); // => 0
