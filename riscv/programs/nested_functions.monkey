// A function inside a function, twice with one name, and the outer one's locals afterwards.
let outer = fn(x) {
    let y = x + 1;
    let inner = fn(x) { let z = x * 10; let deep = fn(w) { let v = w + 1; return v }; return deep(z) };
    let r = inner(y);
    return r + y + x
};
let other = fn(x) { let inner = fn(x) { return x - 1 }; return inner(inner(x)) };
let a = 5;
puts(outer(a), other(a), a); // => 72 3 5
