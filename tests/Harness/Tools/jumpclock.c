/* jumpclock REPORT COMMAND...: runs a program and its children with a wall clock that jumps an hour back or forth at each reading. None of these
   processes has a vDSO, so every reading is a system call. REPORT gets the name of each call that depends on the wall clock, one per line.
   While the file REPORT.offset exists, its number of seconds is the offset instead. While REPORT.speed exists, the monotonic clock runs faster by
   that factor, and poll(2) and epoll_wait(2) wait correspondingly shorter. For x86-64. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK_REALTIME_FLAG = 256 }; /* a flag of futex(2) */

static const char *report;

/* The number in a file beside the report, or the default. */
static long long setting(const char *name, long long usual)
{
    char path[4096], text[32] = "";

    snprintf(path, sizeof path, "%s.%s", report, name);
    int file = open(path, O_RDONLY);
    if (file < 0)
        return usual;
    if (read(file, text, sizeof text - 1) > 0)
        usual = atoll(text);
    close(file);
    return usual;
}

static void note(const char *call)
{
    FILE *file = fopen(report, "a");

    fprintf(file, "%s\n", call);
    fclose(file);
}

/* Hides the vDSO from a new program: in the vector that execve(2) has put on its stack, the entry becomes one that is ignored. */
static void take_vdso_away(pid_t process)
{
    struct user_regs_struct registers;
    int strings = 0;

    ptrace(PTRACE_GETREGS, process, NULL, &registers);
    uint64_t *place = (uint64_t *)registers.rsp + 1;
    for (; strings < 2; place++)
        strings += ptrace(PTRACE_PEEKDATA, process, place, NULL) == 0;
    for (long type; (type = ptrace(PTRACE_PEEKDATA, process, place, NULL)) != AT_NULL; place += 2)
        if (type == AT_SYSINFO_EHDR)
            ptrace(PTRACE_POKEDATA, process, place, (void *)AT_IGNORE);
}

/* The current offset of the wall clock, in seconds. */
static long long jump(void)
{
    static long long usual = 3600;

    usual = -usual;
    return setting("offset", usual);
}

static void set_wall_clock(pid_t process, uint64_t address)
{
    long seconds = ptrace(PTRACE_PEEKDATA, process, (void *)address, NULL);

    ptrace(PTRACE_POKEDATA, process, (void *)address, (void *)(seconds + jump()));
}

static void hasten(pid_t process, uint64_t address)
{
    long long speed = setting("speed", 1), nanoseconds;

    if (speed == 1)
        return;
    nanoseconds = ptrace(PTRACE_PEEKDATA, process, (void *)address, NULL) * 1000000000LL +
        ptrace(PTRACE_PEEKDATA, process, (void *)(address + 8), NULL);
    nanoseconds *= speed;
    ptrace(PTRACE_POKEDATA, process, (void *)address, (void *)(nanoseconds / 1000000000));
    ptrace(PTRACE_POKEDATA, process, (void *)(address + 8), (void *)(nanoseconds % 1000000000));
}

/* Shortens a wait of so many milliseconds, unless it doesn't wait at all or has no limit. */
static void shorten(pid_t process, struct user_regs_struct *registers, unsigned long long *milliseconds)
{
    if ((int)*milliseconds <= 0)
        return;
    *milliseconds = (unsigned)(1 + ((int)*milliseconds - 1) / setting("speed", 1));
    ptrace(PTRACE_SETREGS, process, NULL, registers);
}

static void before_call(pid_t process, struct user_regs_struct *registers)
{
    switch (registers->orig_rax) {
    case SYS_poll: shorten(process, registers, &registers->rdx); break;
    case SYS_epoll_wait:
    case SYS_epoll_pwait: shorten(process, registers, &registers->r10); break;
    case SYS_timerfd_create: if (registers->rdi == CLOCK_REALTIME) note("timerfd_create"); break;
    case SYS_timer_create: if (registers->rdi == CLOCK_REALTIME) note("timer_create"); break;
    case SYS_clock_nanosleep: if (registers->rdi == CLOCK_REALTIME && registers->rsi != 0) note("clock_nanosleep"); break;
    case SYS_futex: if (registers->rsi & CLOCK_REALTIME_FLAG) note("futex"); break;
    }
}

static void after_call(pid_t process, struct user_regs_struct *registers)
{
    switch (registers->orig_rax) {
    case SYS_clock_gettime:
        if (registers->rdi == CLOCK_MONOTONIC)
            hasten(process, registers->rsi);
        if (registers->rdi != CLOCK_REALTIME && registers->rdi != CLOCK_REALTIME_COARSE && registers->rdi != CLOCK_TAI)
            break;
        note("clock_gettime");
        set_wall_clock(process, registers->rsi);
        break;
    case SYS_gettimeofday:
        note("gettimeofday");
        if (registers->rdi != 0)
            set_wall_clock(process, registers->rdi);
        break;
    case SYS_time:
        note("time");
        registers->rax += jump();
        ptrace(PTRACE_SETREGS, process, NULL, registers);
        if (registers->rdi != 0)
            ptrace(PTRACE_POKEDATA, process, (void *)registers->rdi, (void *)registers->rax);
        break;
    }
}

int main(int count, char **words)
{
    int status, result = 111;
    pid_t first;

    if (count < 3)
        return 100;
    report = words[1];
    fclose(fopen(report, "w"));
    first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(words[2], words + 2);
        _exit(127);
    }
    waitpid(first, &status, 0);
    ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)(long)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
        PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE));
    ptrace(PTRACE_SYSCALL, first, NULL, NULL);
    for (pid_t process; (process = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
        long signal = 0;

        if (process < 0)
            continue;
        if (!WIFSTOPPED(status)) {
            if (process == first)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            struct __ptrace_syscall_info call;
            struct user_regs_struct registers;
            ptrace(PTRACE_GET_SYSCALL_INFO, process, (void *)sizeof call, &call);
            ptrace(PTRACE_GETREGS, process, NULL, &registers);
            if (call.op == PTRACE_SYSCALL_INFO_ENTRY)
                before_call(process, &registers);
            else if (call.op == PTRACE_SYSCALL_INFO_EXIT)
                after_call(process, &registers);
        } else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
            take_vdso_away(process);
        } else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
            signal = WSTOPSIG(status); /* passed on; only a new process gets a SIGSTOP, which isn't */
        }
        ptrace(PTRACE_SYSCALL, process, NULL, (void *)signal);
    }
    return result;
}
