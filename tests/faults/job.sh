#!/bin/sh
# job.sh TOKEN LOG SECONDS LINES MODE: one job of the fault suite.
# It logs its start and its end, looks whether another attempt of it lives, and prints a known output.
# In the mode "flaky" it fails, once.
# The start is logged before the look, so that of two attempts at least one sees the other.
read -r up _ < /proc/uptime
read -r host < /proc/sys/kernel/hostname
echo "start $GOQ_ATTEMPT $$ $up $GOQ_JOB_ID $host $GOQ_GPUS" >> "$2"
while read -r word attempt pid _; do
    if [ "$word" = start ] && [ "$pid" != $$ ] && grep -qsa "$1" "/proc/$pid/cmdline"; then
        echo "overlap $GOQ_ATTEMPT $attempt" >> "$2"
    fi
done < "$2"
echo "out $1"
[ "$4" = 0 ] || seq "$4"
[ "$5" != child ] || { setsid sleep 1000 & }
[ "$3" = 0 ] || sleep "$3"
read -r up _ < /proc/uptime
if [ "$5" = flaky ] && ! grep -q '^failed' "$2"; then
    echo "failed $GOQ_ATTEMPT $$ $up $GOQ_JOB_ID" >> "$2"
    exit 3
fi
echo "end $GOQ_ATTEMPT $$ $up $GOQ_JOB_ID" >> "$2"
