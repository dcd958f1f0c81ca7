/* A service that says a byte: who gets one has been let in. */
#include <unistd.h>

int main(void)
{
	_exit(write(1, "y", 1) != 1);
}
