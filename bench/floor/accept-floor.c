/*
 * The floor of a server: in one thread accept, vfork, execve of a program with the connection as descriptors 0 and 1.
 * Without a program: accept and close, the floor of a refusal.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct sigaction reap = { .sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path)
		return 100;
	strcpy(address.sun_path, argv[1]);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, SOMAXCONN) < 0)
		return 111;
	sigaction(SIGCHLD, &reap, 0);
	for (;;) {
		int connection = accept4(listener, 0, 0, SOCK_CLOEXEC);

		if (connection < 0)
			continue;
		if (argc > 2 && vfork() == 0) {
			dup2(connection, 0);
			dup2(connection, 1);
			execve(argv[2], argv + 2, envp);
			_exit(127);
		}
		close(connection);
	}
}
