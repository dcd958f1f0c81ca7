/* The service of the soak: prints which client the gate let in, and the number of its connection. With the argument "hold" it stays until its
   client leaves. Static, so that starting it costs little. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t add(char *line, size_t length, const char *variable, char end)
{
    const char *value = getenv(variable);
    if (!value)
        value = "-";
    size_t count = strlen(value);
    if (count > 60)
        count = 60;
    memcpy(line + length, value, count);
    line[length + count] = end;
    return length + count + 1;
}

int main(int argc, char **argv)
{
    char line[256];
    size_t length = add(line, 0, "WHO", ' ');
    length = add(line, length, argc > 1 && argv[1][0] == 't' ? "TCPREMOTEIP" : "IPCREMOTEEUID", ' ');
    length = add(line, length, argc > 1 && argv[1][0] == 't' ? "TCPCONNNUM" : "IPCCONNNUM", '\n');
    if (write(1, line, length) != (ssize_t)length)
        return 1;
    if (argc > 1 && !strcmp(argv[1], "hold"))
        while (read(0, line, sizeof line) > 0)
            ;
    return 0;
}
