// Strings are equal by their bytes, arrays and hashes are equal to themselves alone, two kinds are never equal.
puts("ab" == "a" + "b", "ab" == "aB", "" == "", "a" != "a", "a" != "ab"); // => true false true false true
let a = [1];
let b = a;
puts(a == b, a == [1], [] == [], a != b, a != [1]);   // => true false false false true
let h = {1: 2};
let g = h;
puts(h == g, h == {1: 2}, {} != {}, h != g);          // => true false true false
puts(push(a, 2) == push(a, 2), rest(a) == rest(a));   // => false false
puts(1 == "1", 0 == false, 0 == null, false == null, "" == null, [] == {}); // => false false false false false false
puts(1 != "1", [] != 0, a == 1, fn() { } == 1, null != fn() { });          // => true true false false true
puts(a[0] == 1, "abc"[1] == "b", h[1] == 2, h[9] == null); // => true true true true
let pick = fn(n) { if (n == 0) { null } else if (n == 1) { true } else { n } };
puts(pick(0) == false, pick(1) == 1, pick(2) == 2);  // => false false true
puts(pick(0) == false ? 1 : 2, pick(1) == 1 ? 1 : 2, pick(0) == null ? 1 : 2, pick(2) != 2 ? 1 : 2); // => 2 2 1 2
puts("ab" == "a" + "b" ? 1 : 2, "a" != "b" ? 1 : 2, a != [1] ? 1 : 2);    // => 1 1 1
let differ = fn(a, b) { (a != b) == true };
puts(differ(1, 5), differ(3, 3), differ(0, 1));      // => true false true
