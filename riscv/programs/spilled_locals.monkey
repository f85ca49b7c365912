// More locals than registers. A compiler whose spill slots overlap its save slots overwrites the caller's x and y.
let g = fn(p, q) {
    let v1 = p; let v2 = p + 1; let v3 = p + 2; let v4 = p + 3; let v5 = p + 4; let v6 = p + 5; let v7 = p + 6;
    let v8 = p + 7; let v9 = p + 8; let v10 = p + 9; let v11 = p + 10; let v12 = p + 11; return v1 + v12 + q
};
let x = 5; let y = 6; let z = g(1, 2);
puts(x); // => 5
puts(y); // => 6
puts(z); // => 15
let h = fn(p) { let a = p * 3; let b = p * 5; let c = p * 9; let d = p * 11; let e = p * 13; puts(p); a - b + c - d + e };
puts(h(1)) // => 1 9
