// A return inside a loop, between calls: what is needed behind each call is in registers that must be saved. A compiler
// that restores at that return only the registers that it has used so far loses the caller's.
let id = fn(x) { return x };
let f = fn(n) {
    let i = 0;
    while (i < 10) {
        if (i == n) { return 7 }
        let z = id(99); let y = id(z); let x = id(y + 1); let w = id(x + 1);
        set i = i + id(w - x) + id(y - z)
    }
    return 0
};
let g = fn(p, q) {
    let a = id(p); let b = id(q); let c = id(3); let d = id(4);
    let e = f(a + b);
    return id(a) + 10 * id(b) + 100 * id(c) + 1000 * id(d) + 10000 * e
};
puts(g(1, 2)); // => 74321
puts(g(0, 0)); // => 74300
puts(g(9, 9))  // => 4399
