// What compiled programs call. A value is its payload and, where it goes along, its tag. In the heap lie
//   a string   its length, its bytes
//   an array   its length, then for each element payload and tag
//   a hash     its length, room for how many entries, the address of the entries: key and value, each payload and tag
//   a closure  the address of the code, the number of parameters, what was captured
// An element is handed on by the address of its two words.

// The heap

let allocate = fn(size) {
    let start = word(free());
    if (size > limit() - start) { out_of_memory() }
    set_word(free(), start + (size + 3 & -4));
    start
};

let copy_words = fn(to, from, end) {
    while (from != end) { set_word(to, word(from)); set to = to + 4; set from = from + 4 }
    0
};

let copy_bytes = fn(to, from, end) {
    while (from != end) { set_byte(to, byte(from)); set to = to + 1; set from = from + 1 }
    0
};

// Strings

let concat = fn(left, right) {
    let length = word(left) + word(right);
    let whole = allocate(4 + length);
    set_word(whole, length);
    copy_bytes(whole + 4, left + 4, left + 4 + word(left));
    copy_bytes(whole + 4 + word(left), right + 4, right + 4 + word(right));
    whole
};

let same = fn(left, right) {
    if (word(left) != word(right)) { return 0 }
    let end = left + 4 + word(left);
    set left = left + 4;
    set right = right + 4;
    while (left != end) {
        if (byte(left) != byte(right)) { return 0 }
        set left = left + 1;
        set right = right + 1
    }
    1
};

// A string of one byte, and behind it that string as an element.
let letter = fn(code) {
    let string = allocate(16);
    set_word(string, 1);
    set_word(string + 4, code);
    set_word(string + 8, string);
    set_word(string + 12, string_tag());
    string + 8
};

let equal = fn(left, left_tag, right, right_tag) {
    if (left_tag != right_tag) { return 0 }
    if (left_tag == string_tag()) { return same(left, right) }
    if (left_tag == function_tag()) { type_error() }
    left == right ? 1 : 0
};

// Arrays

let array = fn(length) {
    let new = allocate(4 + 8 * length);
    set_word(new, length);
    new
};

let position = fn(sequence, index, tag) {
    if (tag != integer_tag()) { type_error() }
    if (index < 0 || index >= word(sequence)) { index_error() }
    index
};

let sized = fn(value, tag) {
    if (tag < string_tag() || tag > hash_tag()) { type_error() }
    0
};

let length = fn(value, tag) {
    sized(value, tag);
    word(value)
};

let first = fn(value, tag) {
    if (tag != array_tag()) { type_error() }
    word(value) == 0 ? null_element() : value + 4
};

let last = fn(value, tag) {
    if (tag != array_tag()) { type_error() }
    word(value) == 0 ? null_element() : value + 8 * word(value) - 4
};

// Null is 0.
let rest = fn(value, tag) {
    if (tag != array_tag()) { type_error() }
    if (word(value) == 0) { return 0 }
    let shorter = array(word(value) - 1);
    copy_words(shorter + 4, value + 12, value + 4 + 8 * word(value));
    shorter
};

let push = fn(value, tag, element, element_tag) {
    if (tag != array_tag()) { type_error() }
    let end = value + 4 + 8 * word(value);
    let longer = array(word(value) + 1);
    copy_words(longer + 4, value + 4, end);
    let place = longer + end - value;
    set_word(place, element);
    set_word(place + 4, element_tag);
    longer
};

// Hashes

let table = fn() {
    let new = allocate(12);
    set_word(new, 0);
    set_word(new + 4, 0);
    set_word(new + 8, 0);
    new
};

// Where the value of a key is, or 0.
let find = fn(hash, key, tag) {
    if (tag > string_tag()) { type_error() }
    let entry = word(hash + 8);
    let end = entry + 16 * word(hash);
    while (entry != end) {
        if (equal(word(entry), word(entry + 4), key, tag) != 0) { return entry + 8 }
        set entry = entry + 16
    }
    0
};

let grow = fn(hash) {
    let room = 2 * word(hash + 4) + 4;
    let entries = allocate(16 * room);
    let old = word(hash + 8);
    copy_words(entries, old, old + 16 * word(hash));
    set_word(hash + 4, room);
    set_word(hash + 8, entries);
    0
};

// Elements of anything

let element = fn(container, tag, index, index_tag) {
    if (tag == array_tag()) { return container + 4 + 8 * position(container, index, index_tag) }
    if (tag == string_tag()) { return letter(byte(container + 4 + position(container, index, index_tag))) }
    if (tag != hash_tag()) { type_error() }
    let found = find(container, index, index_tag);
    found == 0 ? null_element() : found
};

let place = fn(container, tag, index, index_tag) {
    if (tag == array_tag()) { return container + 4 + 8 * position(container, index, index_tag) }
    if (tag != hash_tag()) { type_error() }
    let found = find(container, index, index_tag);
    if (found != 0) { return found }
    if (word(container) == word(container + 4)) { grow(container) }
    let entry = word(container + 8) + 16 * word(container);
    set_word(entry, index);
    set_word(entry + 4, index_tag);
    set_word(container, word(container) + 1);
    entry + 8
};

// What for goes through, as a new array.
let items = fn(container, tag) {
    sized(container, tag);
    let new = array(word(container));
    let to = new + 4;
    let end = to + 8 * word(container);
    if (tag == array_tag()) { copy_words(to, container + 4, container + 4 + end - to) }
    if (tag == string_tag()) {
        let from = container + 4;
        while (to != end) { let one = letter(byte(from)); copy_words(to, one, one + 8); set from = from + 1; set to = to + 8 }
    }
    if (tag == hash_tag()) {
        let from = word(container + 8);
        while (to != end) { copy_words(to, from, from + 8); set from = from + 16; set to = to + 8 }
    }
    new
};

// Printing

let write = fn(string) {
    request(64, 1, string + 4, word(string))
};

let show = fn(value, tag, depth) {
    if (tag == integer_tag()) { request(1, value); return 0 }
    if (tag == boolean_tag()) { return write(value != 0 ? text("true") : text("false")) }
    if (tag == string_tag()) { return write(value) }
    if (tag == null_tag()) { return write(text("null")) }
    if (tag == function_tag()) { return write(text("fn")) }
    if (depth == 8) { return write(text("...")) }
    tag == array_tag() ? show_array(value, depth + 1) : show_hash(value, depth + 1)
};

let show_array = fn(array, depth) {
    write(text("["));
    let element = array + 4;
    let end = element + 8 * word(array);
    while (element != end) {
        if (element != array + 4) { write(text(", ")) }
        show(word(element), word(element + 4), depth);
        set element = element + 8
    }
    write(text("]"))
};

let show_hash = fn(hash, depth) {
    write(text("{"));
    let start = word(hash + 8);
    let end = start + 16 * word(hash);
    let entry = start;
    while (entry != end) {
        if (entry != start) { write(text(", ")) }
        show(word(entry), word(entry + 4), depth);
        write(text(": "));
        show(word(entry + 8), word(entry + 12), depth);
        set entry = entry + 16
    }
    write(text("}"))
};
