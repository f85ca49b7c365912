// Strings are bytes that never change.
puts("hello");                    // => hello
puts("two words");                // -> two words
puts("");                         // ->
puts("con" + "cat" + "" + "e");   // => concate
puts("tab\tquote\"back\\slash");  // -> tab	quote"back\slash
puts("two\nlines");               // => two lines
puts("\x41\x7e", "\x31" + "2");   // => A~ 12
puts(len(""), len("abc"), len("a\n\x00"), len("é"), len("€")); // => 0 3 3 2 3
puts(len("\x80\xff"), "\x80" == "\x80", "\xff" == "\x7f"); // => 2 true false
puts("héllo€");                   // => héllo€
puts("abc"[0], "abc"[2], len("abc"[1])); // => a c 1
puts("é"[0] + "é"[1]);            // => é
let s = "ab";
let t = s;
set s = s + "c";
puts(s, t);                       // => abc ab
puts("// no comment" // a comment
);                                // -> // no comment
let twice = fn(s) { s + s };
puts(twice(twice("xy")));         // => xyxyxyxy
