/* Fuzzes a parser of the product: driver TARGET SECONDS CORPUS FINDINGS, or driver TARGET 0 CORPUS FINDINGS for the corpus alone; or, as the program of
   afl-fuzz(1), driver TARGET.

   The object has no instrumentation, so coverage comes from breakpoints: one on every block of the compiled code, removed when it is hit. An
   input that hits a new one is kept for further mutations, and is written to the corpus. Inputs lie next to inaccessible pages, so that an
   overread ends the process. That process is a child, which works through some thousands of inputs; the input that killed it goes to the
   directory of findings. Exit codes: 0 nothing found; 1 something found; 100 usage. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define LONGEST 4096       /* bytes of an input */
#define MOST_INPUTS 20000  /* in the corpus */
#define BATCH 5000         /* inputs of a child */
#define HANG 10            /* seconds of processor time that an input may take */
#define BREAKPOINT 0xCC

/* The descriptors between afl-fuzz(1) and its program, and the size of the map in which the program reports an input's coverage. */
#define AFL_COMMANDS 198
#define AFL_ANSWERS 199
#define AFL_MAP "__AFL_SHM_ID"
#define AFL_MAP_SIZE 65536

typedef int target(uint8_t *data, size_t length);
target fuzz_cdb, fuzz_rules, fuzz_messages, fuzz_expressions, fuzz_dns, fuzz_environment, fuzz_options;

static const struct { const char *name; target *run; } targets[] = {
    {"cdb", fuzz_cdb}, {"rules", fuzz_rules}, {"messages", fuzz_messages}, {"expressions", fuzz_expressions},
    {"dns", fuzz_dns}, {"environment", fuzz_environment}, {"options", fuzz_options},
};

/* The addresses of blocks, in order; the build makes the list from the disassembly. */
extern const uint32_t blocks[];
extern const uint32_t block_count;

struct input { uint32_t length; uint8_t data[LONGEST]; };

/* Memory that parent and child share. */
static struct shared {
    uint32_t inputs;
    uint32_t covered;
    uint64_t runs;
    struct input current;
    struct input corpus[MOST_INPUTS];
} *shared;
static uint8_t *hit;          /* one byte per block: whether it was reached; shared */
static uint8_t *original;     /* the bytes that the breakpoints replace */
static uint8_t *guarded;      /* LONGEST bytes between two inaccessible pages */
static uint8_t *afl_map;      /* NULL without afl-fuzz */
static volatile int news;     /* whether the current input reached something new */
static uint64_t seed;

static uint32_t chance(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return limit ? (uint32_t)(seed >> 20) % limit : 0;
}

static void on_breakpoint(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    greg_t *place = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    uint32_t address = (uint32_t)(*place - 1);
    uint32_t low = 0, high = block_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (blocks[middle] < address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == block_count || blocks[low] != address)
        _exit(3); /* not one of our breakpoints: the code has run astray */
    (*place)--;
    *(uint8_t *)*place = original[low];
    if (afl_map) {
        afl_map[low % AFL_MAP_SIZE] = 1;
        return;
    }
    hit[low] = 1;
    shared->covered++;
    news = 1;
}

static void set_breakpoints(void)
{
    if (block_count == 0)
        return;
    uintptr_t start = (uintptr_t)blocks[0] & ~(uintptr_t)4095;
    uintptr_t end = (uintptr_t)blocks[block_count - 1] + 1;
    if (mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC) < 0) {
        perror("mprotect");
        exit(111);
    }
    for (uint32_t place = 0; place < block_count; place++) {
        uint8_t *code = (uint8_t *)(uintptr_t)blocks[place];
        original[place] = *code;
        *code = BREAKPOINT;
    }
    struct sigaction action = {.sa_sigaction = on_breakpoint, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
}

/* Removes, in the parent, the breakpoints that the children have hit. */
static void take_away(void)
{
    for (uint32_t place = 0; place < block_count; place++)
        if (hit[place])
            *(uint8_t *)(uintptr_t)blocks[place] = original[place];
}

static void mutate(struct input *input)
{
    static const uint8_t interesting[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', '/', '=', ':', '-', '[', '(', '*', '\\', '{', 'A', 'D', 0xc0, 0x0c};
    uint32_t changes = 1 + chance(4);
    while (changes-- > 0) {
        uint32_t length = input->length, place = chance(length), count = 1 + chance(16);
        switch (chance(9)) {
        case 0: if (length) input->data[place] ^= 1 << chance(8); break;
        case 1: if (length) input->data[place] = chance(256); break;
        case 2: if (length) input->data[place] = interesting[chance(sizeof interesting)]; break;
        case 3: if (length) input->data[place] += chance(35) - 17; break;
        case 4: /* remove a piece */
            if (count > length - place)
                count = length - place;
            memmove(input->data + place, input->data + place + count, length - place - count);
            input->length -= count;
            break;
        case 5: /* insert a piece: one byte repeated, or a copy of what is there */
        case 6:
            if (length + count > LONGEST)
                break;
            memmove(input->data + place + count, input->data + place, length - place);
            if (chance(2) || place + 2 * count > length)
                memset(input->data + place, chance(2) ? interesting[chance(sizeof interesting)] : chance(256), count);
            input->length += count;
            break;
        case 7: /* replace the rest with that of another input */
            if (shared->inputs > 0) {
                const struct input *other = &shared->corpus[chance(shared->inputs)];
                uint32_t from = chance(other->length), rest = other->length - from;
                if (rest > LONGEST - place)
                    rest = LONGEST - place;
                memcpy(input->data + place, other->data + from, rest);
                input->length = place + rest;
            }
            break;
        case 8: /* numbers of four bytes */
            if (length >= 4) {
                uint32_t number = chance(3) == 0 ? length : chance(2) ? chance(LONGEST) : (uint32_t)-1 - chance(16);
                place = chance(length - 3);
                memcpy(input->data + place, &number, 4);
            }
            break;
        }
    }
}

static void run(target *run_one, const struct input *input)
{
    uint8_t *data = chance(4) ? guarded + LONGEST - input->length : guarded;
    memcpy(data, input->data, input->length);
    /* A limit on processor time, independent of the machine's load. */
    struct itimerval limit = {.it_value = {.tv_sec = HANG}}, none = {0};
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    run_one(data, input->length);
    setitimer(ITIMER_VIRTUAL, &none, NULL);
    shared->runs++;
}

/* The work of a child. Inputs from first on are the corpus itself. */
static void work(target *run_one, uint32_t first, uint32_t count)
{
    for (uint32_t turn = 0; turn < count; turn++) {
        struct input *current = &shared->current;
        if (first + turn < shared->inputs && first != UINT32_MAX)
            *current = shared->corpus[first + turn];
        else {
            if (shared->inputs > 0)
                *current = shared->corpus[chance(3) ? chance(shared->inputs) : shared->inputs - 1 - chance(shared->inputs < 16 ? shared->inputs : 16)];
            mutate(current);
        }
        news = 0;
        run(run_one, current);
        if (news && first == UINT32_MAX && shared->inputs < MOST_INPUTS)
            shared->corpus[shared->inputs++] = *current;
    }
    _exit(0);
}

/* Serves afl-fuzz: one child per input, which reads it from standard input and starts with all breakpoints. */
static int serve_afl(target *run_one)
{
    int word = 0;

    afl_map = shmat(atoi(getenv(AFL_MAP)), NULL, 0);
    if (afl_map == (void *)-1 || write(AFL_ANSWERS, &word, sizeof word) != sizeof word) {
        perror("afl-fuzz");
        return 111;
    }
    while (read(AFL_COMMANDS, &word, sizeof word) == sizeof word) {
        pid_t child = fork();
        if (child == 0) {
            ssize_t part;
            close(AFL_COMMANDS);
            close(AFL_ANSWERS);
            while ((part = read(0, shared->current.data + shared->current.length, LONGEST - shared->current.length)) > 0)
                shared->current.length += (uint32_t)part;
            run(run_one, &shared->current);
            _exit(0);
        }
        if (child < 0 || write(AFL_ANSWERS, &child, sizeof child) != sizeof child || waitpid(child, &word, 0) < 0 ||
            write(AFL_ANSWERS, &word, sizeof word) != sizeof word)
            return 111;
        shared->current.length = 0;
    }
    return 0;
}

static void write_input(const char *directory, const char *kind, const struct input *input)
{
    uint64_t hash = 14695981039346656037u;
    for (uint32_t place = 0; place < input->length; place++)
        hash = (hash ^ input->data[place]) * 1099511628211u;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%016llx", directory, kind, (unsigned long long)hash);
    mkdir(directory, 0777);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || write(file, input->data, input->length) != (ssize_t)input->length || close(file) < 0)
        perror(path);
}

static void read_corpus(const char *directory)
{
    DIR *opened = opendir(directory);
    for (struct dirent *entry; opened && (entry = readdir(opened));) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        int file = open(path, O_RDONLY);
        struct input *input = &shared->corpus[shared->inputs];
        ssize_t length = file < 0 || shared->inputs == MOST_INPUTS ? -1 : read(file, input->data, LONGEST);
        if (length >= 0 && entry->d_name[0] != '.') {
            input->length = (uint32_t)length;
            shared->inputs++;
        }
        if (file >= 0)
            close(file);
    }
    if (opened)
        closedir(opened);
}

int main(int count, char **words)
{
    target *run_one = NULL;
    int is_afl = count == 2 && getenv(AFL_MAP);
    for (size_t place = 0; (count == 5 || is_afl) && place < sizeof targets / sizeof *targets; place++)
        if (!strcmp(words[1], targets[place].name))
            run_one = targets[place].run;
    if (!run_one) {
        fprintf(stderr, "usage: driver TARGET SECONDS CORPUS FINDINGS; or, under afl-fuzz, driver TARGET\n");
        return 100;
    }
    int seconds = is_afl ? 0 : atoi(words[2]);
    time_t end = time(NULL) + seconds;
    seed = (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid() + 1;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hit = mmap(NULL, block_count + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    original = malloc(block_count + 1);
    guarded = mmap(NULL, LONGEST + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || hit == MAP_FAILED || !original || guarded == MAP_FAILED) {
        perror("memory");
        return 111;
    }
    guarded += 4096;
    mprotect(guarded, LONGEST, PROT_READ | PROT_WRITE);
    if (is_afl) {
        set_breakpoints();
        return serve_afl(run_one);
    }
    read_corpus(words[3]);
    uint32_t given = shared->inputs, findings = 0, next = 0;
    set_breakpoints();
    do {
        uint32_t first = next < given ? next : UINT32_MAX, turns = first == UINT32_MAX ? BATCH : given - next;
        if (first == UINT32_MAX && seconds == 0)
            break;
        uint64_t before = shared->runs;
        chance(2);
        pid_t child = fork();
        if (child == 0)
            work(run_one, first, turns);
        int status;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        seed += (uint64_t)shared->runs;
        if (status != 0) {
            findings++;
            write_input(words[4], WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM ? "hang-" : "crash-", &shared->current);
            fprintf(stderr, "%s: status %#x\n", words[1], status);
        }
        /* Skip the input that ended the child. */
        next = first == UINT32_MAX ? next : (uint32_t)(next + (shared->runs - before) + (status != 0));
        take_away();
    } while ((next < given || time(NULL) < end) && findings < 20);
    for (uint32_t place = given; place < shared->inputs; place++)
        write_input(words[3], "", &shared->corpus[place]);
    printf("%s: %llu inputs, %u of %u blocks, %u kept, %u found\n", words[1], (unsigned long long)shared->runs, shared->covered, block_count,
        shared->inputs - given, findings);
    return findings > 0;
}
