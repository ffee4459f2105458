#!/bin/sh
# job.sh TOKEN LOG SECONDS LINES MODE: one job of the fault suite.
# It logs its start and its end, looks whether another attempt of it lives, and prints a known output.
# The start is logged before the look, so that of two attempts at least one sees the other.
read -r up _ < /proc/uptime
echo "start $GOQ_ATTEMPT $$ $up $GOQ_JOB_ID" >> "$2"
while read -r word attempt pid _; do
    if [ "$word" = start ] && [ "$pid" != $$ ] && grep -qsa "$1" "/proc/$pid/cmdline"; then
        echo "overlap $GOQ_ATTEMPT $attempt" >> "$2"
    fi
done < "$2"
echo "out $1"
[ "$4" = 0 ] || seq "$4"
[ "$5" = plain ] || { setsid sleep 1000 & }
[ "$3" = 0 ] || sleep "$3"
read -r up _ < /proc/uptime
echo "end $GOQ_ATTEMPT $$ $up $GOQ_JOB_ID" >> "$2"
