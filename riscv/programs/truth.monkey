// false, null and 0 do not hold; everything else does, also what is empty.
let say = fn(value) { puts(value ? 1 : 0) };
say(false); say(null); say(0); say(1 - 1);          // => 0 0 0 0
say(true); say(1); say(-1); say(0x80000000);        // => 1 1 1 1
say(""); say("a"); say([]); say([0]);               // => 1 1 1 1
say({}); say({0: 0}); say(fn() { 0 }); say(say);    // => 1 1 1 1
puts(!"", ![], !{}, !say, !!0);                     // => false false false false false
puts("" && [], 0 || null, {} || 1);                 // => true false true
let i = 3;
while (i) { set i = i - 1 }
puts(i);                                            // => 0
