/* The same as spawning.py, in C: two processes that vfork, exec /bin/true and wait. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 2 };
extern char **environ;

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void spawn(long count) {
    char *argv[] = {"true", NULL};
    while (count-- > 0) {
        pid_t pid = vfork();
        if (pid == 0) {
            execve("/bin/true", argv, environ);
            _exit(127);
        }
        waitpid(pid, NULL, 0);
    }
}

int main(int argc, char **argv) {
    long each = argc > 1 ? atol(argv[1]) / PROCESSES : 0;
    double started = now_s();
    for (int number = 0; number < PROCESSES; number++)
        if (fork() == 0) {
            spawn(each);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    printf("%f\n", PROCESSES * each / (now_s() - started));
    return 0;
}
