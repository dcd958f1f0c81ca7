// The package Tmds.LibC binds libc as src/Libc does: LibC has functions and constants, its namespace the structures. doc/native-build.md lists
// the headers that come from the package and those from here.
global using Tmds.Linux;
