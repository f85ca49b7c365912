// Each program ends in the trap it names; what stands before that has been printed.
// --- plus-null
puts(7); puts(2 + null); puts(8) // => 7
// !! type-error
// --- plus-mixed
1 + "a" // !! type-error
// --- plus-mixed-unknown
let add = fn(a, b) { a + b }; let f = add; puts(f("a", "b")); f(2, "b") // => ab
// !! type-error
// --- plus-boolean
true + 1 // !! type-error
// --- plus-arrays
[1] + [2] // !! type-error
// --- minus-strings
"ab" - "b" // !! type-error
// --- times-boolean
2 * true // !! type-error
// --- divide-null
null / 2 // !! type-error
// --- remainder-string
"5" % 2 // !! type-error
// --- and-boolean
true & 1 // !! type-error
// --- or-null
1 | null // !! type-error
// --- xor-string
"a" ^ 1 // !! type-error
// --- shift-left-array
[1] << 1 // !! type-error
// --- shift-right-hash
1 >> {} // !! type-error
// --- shift-right-logical-function
1 >>> fn() { } // !! type-error
// --- less-strings
"a" < "b" // !! type-error
// --- less-equal-booleans
false <= true // !! type-error
// --- greater-null
null > 1 // !! type-error
// --- greater-equal-arrays
[1] >= [1] // !! type-error
// --- negate-boolean
-true // !! type-error
// --- negate-string
-"1" // !! type-error
// --- complement-null
~null // !! type-error
// --- equal-functions
let f = fn() { }; puts(f == 1); puts(f == f) // => false
// !! type-error
// --- unequal-functions
fn() { } != fn() { } // !! type-error
// --- operands-first
let say = fn(x) { puts(x); x }; say(null) * say(2) // => null 2
// !! type-error
// --- call-integer
let f = 5; f(1) // !! type-error
// --- call-null
let f = fn() { }; f()() // !! type-error
// --- call-arguments-first
let f = 5; f(puts(1)) // => 1
// !! type-error
// --- too-few-arguments
let f = fn(a, b) { a }; let g = f; g(1) // !! argument-error
// --- too-many-arguments
let f = fn() { 1 }; let g = f; puts(g()); puts(g(puts(2))) // => 1 2
// !! argument-error
// --- index-integer
5[0] // !! type-error
// --- index-null
let h = {}; h[1][2] // !! type-error
// --- index-function
fn() { }[0] // !! type-error
// --- index-by-string
[1]["0"] // !! type-error
// --- index-by-boolean
[1][false] // !! type-error
// --- string-index-by-null
"a"[null] // !! type-error
// --- key-null
{}[null] // !! type-error
// --- key-array
let h = {}; h[[1]] // !! type-error
// --- key-function
{fn() { }: puts(1)} // => 1
// !! type-error
// --- key-hash
let h = {}; set h[{}] = 1 // !! type-error
// --- index-past-end
let a = [1, 2]; puts(a[1]); a[2] // => 2
// !! index-error
// --- index-negative
[1][-1] // !! index-error
// --- index-least
[1][-2147483648] // !! index-error
// --- index-empty
[][0] // !! index-error
// --- string-index-past-end
"abc"[3] // !! index-error
// --- string-index-negative
"abc"[-1] // !! index-error
// --- set-past-end
let a = [1]; set a[1] = puts(5) // => 5
// !! index-error
// --- set-negative
let a = [1]; set a[-1] = 0 // !! index-error
// --- set-string
let s = "abc"; set s[0] = "x" // !! type-error
// --- set-integer
let i = 1; set i[0] = 1 // !! type-error
// --- set-by-string
let a = [1]; set a["0"] = 1 // !! type-error
// --- set-inner-past-end
let a = [[1]]; set a[1][0] = puts(1) // !! index-error
// --- for-integer
for (x in 3) { } // !! type-error
// --- for-null
for (x in null) { } // !! type-error
// --- for-function
for (x in fn() { }) { } // !! type-error
// --- len-integer
len(5) // !! type-error
// --- len-null
len(null) // !! type-error
// --- first-string
first("abc") // !! type-error
// --- first-null
first(null) // !! type-error
// --- last-hash
last({1: 2}) // !! type-error
// --- rest-integer
rest(0) // !! type-error
// --- push-null
push(null, puts(1)) // => 1
// !! type-error
// --- push-string
push("a", "b") // !! type-error
// --- inside-a-function
let f = fn(x) { puts(x); x[0] }; let g = fn(x) { f(x) + 1 }; puts(g([4])); g(3); puts(9) // => [4] 5 3
// !! type-error
// --- inside-a-loop
for (x in [2, 1, 0, 5]) { puts([7, 8][x - 0]) } // !! index-error
// --- in-a-condition
if (null < 1) { puts(1) } // !! type-error
// --- behind-and
puts(false && -null, true || [][0]); true && -null // => false true
// !! type-error
