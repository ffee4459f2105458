"""What `goq sub --help` says before the options."""

HELP = """Submit a command as a job; prints its number.

It will run in the current folder, or in DIR of '-C', with the current environment and umask,
and its words as they are: no shell looks at them. With '--shell' the command is one word, a
line for bash.

Output goes to out.NNNNN in the server's output folder, from job 1000000 on to NNN/out.NNNNNNN.
'-o logs/{name}.{id}.out' calls it otherwise, below that folder; '-o /scratch/{id}.out' appends it to a
file of the node that runs the job. Errors are with it, unless '--err' puts them apart. {{ and }} are braces.

'goq sub lines@ FILE' submits each line of FILE as a job of its own, split into words as a shell would;
empty lines and comments are left out, and '-' is the standard input. A line that only a shell
understands (pipes, variables, patterns) is refused; '--shell' gives it to one.

'--array 1-100' makes an array, one job number with a hundred tasks, each with its number in
GOQ_TASK_ID. '--each FILE' makes a task of each line: {} in the command is the line, {1} {2} are
its columns; without any, the line is the last word. Blank lines are left out and not counted.
People write a task as 12.3.

'--after 12', '--after-ok fold' and the like let it wait until other jobs have ended: by number (12,
15-20, an array's), by NAME or a pattern of names of your own jobs, by tag:T. Commas, or the option
again, add more: all count. What can never run is skipped, which 'goq wait' tells as 255.

When its '--time' is up it is killed as by 'goq kill', and at once when all its processes together
have more memory than '--mem' says.

With '--retries N' a job that ends badly, or by a signal, its time or its memory, is tried again. Its
output stays, and the next attempt's comes behind it; GOQ_ATTEMPT tells the attempts apart. What 'goq kill'
ends is not tried again. Codes are exit statuses as a shell gives them, 143 for SIGTERM.

A job whose worker is lost runs again, unless '--no-requeue' forbids that: it ends as lost.
With '--unique KEY', when a live job has that key, its number is printed and nothing is
submitted. With '--spool' and no server, the next 'goq sub' or worker that reaches one
delivers the job, once.

'--script FILE' takes the text of FILE along: what becomes of the file later changes nothing.
It is run by what its '#!' names, else by bash. Lines that begin with '#GOQ ', before its first
command, may hold options; those typed count more.

With '-i FILE' it reads FILE, with '-i -' what is piped here, up to 16 MiB: all tasks and attempts
read the same, and it is kept until the last has ended.

With '--wait' it ends when the job has, with its status as 'goq wait' gives it, and prints the
output as it comes; 69 is trouble of its own. Ctrl-C leaves the job, and says how to come back.

\b
Examples:
  goq sub ./simulate --seed 7             options after the command belong to the command
  goq sub --shell 'sort in | uniq > out'  a shell, where you want one
  goq sub -- -odd-name                    a command that begins with a dash
  goq sub lines@ jobs.txt                 ten thousand jobs at once
  goq sub --array 1-100 ./sim             a hundred, with GOQ_TASK_ID 1 to 100
  goq sub --each samples.txt ./map {1} {2}  for each line, its first two columns
  goq sub --after-ok 12 ./merge           when job or array 12 has ended well
  goq sub --array 1-100 --after-each-ok 12 ./plot  each task when that of 12 has
  goq sub --retries 3 --backoff 30s ./fetch  up to four times, after 30 s, 1 min and 2 min
  goq sub --unique nightly ./backup.sh    one at a time
  goq sub --clean-env -e SEED=7 ./sim     nothing of this shell but what any job needs
  goq sub --script train.sh -- --seed 7   as it is now, with arguments
  goq sub -N fold -o {name}.{id}.out --err {name}.{id}.err ./fold  output and errors apart
  sort data | goq sub -i - ./count        with what is piped
  goq sub --wait make test                as if it ran here
  job=$(goq sub -q ./sim) && goq wait $job
"""
