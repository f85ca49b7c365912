// Hexadecimal in either case; decimals may start with zeros.
puts(0xff, 0XfF, 0xABCDEF, 007, 0x0); // => 255 255 11259375 7 0
