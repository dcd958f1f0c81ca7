using System.Runtime.CompilerServices;

// Buffers on the stack are written before they are read; clearing a kilobyte for each message would be the larger part of its cost.
[module: SkipLocalsInit]
