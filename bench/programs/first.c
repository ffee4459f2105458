/* A job whose first instruction tells the time: nanoseconds since the epoch, to standard output. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec at;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &at);
    int length = snprintf(text, sizeof text, "%ld%09ld\n", (long)at.tv_sec, at.tv_nsec);
    return write(1, text, length) != length;
}
