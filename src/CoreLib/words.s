# The one word that compiled code asks for and C# cannot export: non-zero would mean that a collector wants the threads to stop.
        .comm   RhpTrapThreads, 8, 8
        .section .note.GNU-stack, "", @progbits
