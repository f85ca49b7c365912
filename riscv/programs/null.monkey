// null: what has no other value; it equals itself alone and does not hold.
puts(null);                                  // => null
puts(null == null, null != null, null == 0, null == false, null != ""); // => true false false false true
puts(!null, null && true, null || 1);        // => true false true
let nothing = fn() { };
let falls = fn(x) { if (x > 0) { return 5 } };
let bare = fn(x) { if (x) { return } 7 };
let loops = fn() { while (false) { 1 } };
let lets = fn() { let x = 1 };
puts(nothing(), falls(1), falls(0));         // => null 5 null
puts(bare(1), bare(0), loops(), lets());     // => null 7 null null
puts(puts(1), puts());                       // => 1 null null
if (null) { puts(1) } else { puts(2) }       // => 2
puts(if (false) { 1 });                      // => null
puts({}[1], first([]), last([]), rest([]));  // => null null null null
