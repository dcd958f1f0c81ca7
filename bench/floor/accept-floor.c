/*
 * The floor of a server: in one thread accept, vfork, execve of a program with the connection as descriptors 0 and 1.
 * Without a program: accept and close, the floor of a refusal.
 * usage: accept-floor SOCKET [PROGRAM...]; a SOCKET of the form tcp:PORT is that port of 127.0.0.1
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp)
{
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_in tcp;
	} address = { .local = { .sun_family = AF_UNIX } };
	struct sigaction reap = { .sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT };
	int listener;

	if (argc < 2 || strlen(argv[1]) >= sizeof address.local.sun_path)
		return 100;
	if (strncmp(argv[1], "tcp:", 4) == 0)
		address.tcp = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1] + 4)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	else
		strcpy(address.local.sun_path, argv[1]);
	listener = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, &address.any, address.any.sa_family == AF_INET ? sizeof address.tcp : sizeof address.local) < 0 || listen(listener, SOMAXCONN) < 0)
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
