// if, else, else if, and blocks with variables of their own.
let grade = fn(n) {
    if (n >= 90) { return 1 } else if (n >= 50) { return 2 } else if (n) { return 3 } else { return 4 }
};
puts(grade(95), grade(90), grade(50), grade(49), grade(0)); // => 1 1 2 3 4
let x = 1;
if (x == 1) { let x = 2; puts(x) } else { puts(9) } // => 2
if (x == 2) { puts(9) } else { let x = 3; puts(x) } // => 3
if (!x) { puts(9) }
puts(x); // => 1
