// Arrays: any values, indices from 0, elements that can be set.
let a = [1, 2 + 3, "x", true, null, [7]];
puts(a[0], a[1], a[2], a[3], a[4], a[5][0]);     // => 1 5 x true null 7
puts(len(a), len([]), len([[]]));                // => 6 0 1
puts(a);                                         // -> [1, 5, x, true, null, [7]]
puts([]);                                        // => []
puts([[], [[]], {}, fn() { 1 }]);                // -> [[], [[]], {}, fn]
set a[1] = 6;
set a[0] = a[1] * 2;
puts(a[0], a[1], a[len(a) - 1][0]);              // => 12 6 7
set a[5][0] = [8, 9];
puts(a[5]);                                      // -> [[8, 9]]
puts(a[5][0][1] + 1, [1, 2, 3][1], [fn(x) { x * 2 }][0](21)); // => 10 2 42
let grid = [[0, 0], [0, 0]];
let i = 0;
while (i < 2) { let j = 0; while (j < 2) { set grid[i][j] = i * 10 + j; set j = j + 1 } set i = i + 1 }
puts(grid);                                      // -> [[0, 1], [10, 11]]
