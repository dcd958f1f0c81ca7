// The package Tmds.LibC binds libc as src/Libc does: LibC has functions and constants, its namespace the structures. doc/native-build.md says
// which headers come from there and which from here.
global using Tmds.Linux;
