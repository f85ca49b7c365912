// More values across calls than there are registers that survive them, in a function whose caller needs its own.
let id = fn(x) { return x };
let g = fn(p, q) {
    let v1 = id(p); let v2 = id(p + 1); let v3 = id(p + 2); let v4 = id(p + 3); let v5 = id(p + 4); let v6 = id(p + 5);
    let v7 = id(p + 6); let v8 = id(p + 7); let v9 = id(p + 8); let v10 = id(p + 9); let v11 = id(p + 10);
    let v12 = id(p + 11); let v13 = id(p + 12); let v14 = id(p + 13); let v15 = id(q);
    puts(v1, v2, v3, v4, v5, v6, v7, v8);   // => 1 2 3 4 5 6 7 8
    puts(v9, v10, v11, v12, v13, v14, v15); // => 9 10 11 12 13 14 2
    return v1 + v14 * v15
};
let x = id(5); let y = id(6); let z = g(1, 2);
puts(x); // => 5
puts(y); // => 6
puts(z)  // => 29
