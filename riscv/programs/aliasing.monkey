// Arrays and hashes are shared by all who hold them; push and rest make new arrays of the same elements.
let a = [1, 2];
let b = a;
set b[0] = 9;
puts(a[0]);                             // => 9
let change = fn(x) { set x[1] = 8; set x = [0]; x };
puts(change(a)[0], a[1], len(a));       // => 0 8 2
let c = push(a, 3);
set c[0] = 7;
puts(a, c);                             // -> [9, 8]
                                        // -> [7, 8, 3]
let d = rest(c);
set d[0] = 6;
puts(c[1], d[0], len(d));               // => 8 6 2
let inner = [0];
let outer = [inner, inner];
set outer[0][0] = 5;
puts(outer[1][0], rest(outer)[0][0], push(outer, 1)[0] == inner); // => 5 5 true
let h = {"k": inner};
let g = h;
set g["n"] = 1;
set h["k"][0] = 4;
puts(h["n"], inner[0], len(h));         // => 1 4 2
let loop = [1, 2];
set loop[0] = loop;
puts(loop[0][0][1]);                    // => 2
