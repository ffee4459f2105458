# The only vocabulary on goq's wire. A frame holds exactly one Zjob (see goq/adapters/wire/signing.py
# for the signature around it), so the original's wrapper union Z is not needed.
#
# Rules: a number is never used again for another meaning, and new fields and enumerants are
# appended (arrays, dependencies, priorities, resources, time limits and retries will be).
# Whatever a user wrote is bytes and travels as Data. The original's Text fields for the same
# things (cmd, args, env, dir) keep their numbers and stay empty: a reader that knew only those
# could not verify the frame.

@0xcc3cde6438de7ca0;

enum JobMsg {
  initialsubmit @0;       # question: queue these commands
  acksubmit @1;           # answer: aboutjid..lastjid are queued
  requestforwork @2;      # not used: report says which places are free
  delegatetoworker @3;    # not used: orders bring jobs
  shutdownworker @4;      # not used: orders tell a worker to leave
  ackshutdownworker @5;   # question: the worker leaves (goodbye)
  finishedwork @6;        # not used: report says what has ended
  ackfinished @7;         # not used: orders answer that
  shutdownserv @8;        # question: stop serving
  ackshutdownserv @9;     # answer
  cancelwip @10;          # not used: orders tell what to kill
  ackcancelwip @11;       # not used: report tells how the killed job ended
  cancelsubmit @12;       # question: cancel a job
  ackcancelsubmit @13;    # answer
  takesnapshot @14;       # question: what do you hold?
  acktakesnapshot @15;    # answer
  resubmitnoack @16;      # not used: ackshutdownworker hands a job back
  rejectbadsig @17;       # answer, in debug mode only
  observejobfinish @18;   # question: tell me when the job has ended
  jobfinishednotice @19;  # answer
  jobnotknown @20;        # answer
  immolateaworkers @21;   # question: let every worker exit
  immolateack @22;        # answer
  pingworker @23;         # not used: orders that order nothing
  ackpingworker @24;      # not used: report names what its worker still has
  observejoback @25;      # answer: nothing so far, ask again
  resetserver @26;        # question: forget counters and the list of finished jobs
  resetserverack @27;     # answer
  # Appended by this program.
  outputchunk @28;        # question: a piece of a long output, whose bytes lie behind the Zjob
  ackoutput @29;          # answer: the output is here up to `offset`; haderror when its file is damaged
  refused @30;            # answer: `err` says why not
  ackgoodbye @31;         # answer to ackshutdownworker
  canceleach @32;         # question: cancel the jobs that `kept` names, all in one turn
  ackcanceleach @33;      # answer: a row each
  observeeach @34;        # question: tell me when some of the jobs that `kept` names have ended
  jobsfinishednotice @35; # answer: a row for each that has
  additems @36;           # question: more commands of a list, answered by acksubmit
  change @37;             # question: do what `what` says to the live jobs that `selector` means
  ackchange @38;          # answer: `counts`
  # Each of these is its `value`, in JSON (core/messages/looks.py).
  setlimit @39;           # question: so much may be drawn of it
  acklimit @40;           # answer
  showlimits @41;         # question: which limits are set?
  limitsshown @42;        # answer
  showworkers @43;        # question: which workers are there?
  workersshown @44;       # answer
  askwhy @45;             # question: why does the job not run?
  why @46;                # answer
  mean @47;               # question: which jobs does a selector mean?
  meant @48;              # answer
  retry @49;              # question: submit again what a selector means (core/messages/again.py)
  retried @50;            # answer
  addblob @51;            # question: a piece of a blob that `submission` needs, whose bytes lie behind the Zjob; answered by acksubmit
  fetchblob @52;          # question: the piece of a blob at `offset`
  blobpiece @53;          # answer: its bytes lie behind the Zjob
  steer @54;              # not used: orders say what is wanted of a job now
  look @55;               # question: a query, as `value` in MessagePack (core/values/queries.py)
  shown @56;              # answer: what it found, likewise
  news @57;               # question: is another event than `offset` the latest?
  happened @58;           # answer: `offset` is the latest
  follow @59;             # question: how far jobs are with what they write (core/values/logs.py)
  followed @60;           # answer: so far
  # These are their `value`, in JSON (core/messages/looks.py).
  askreasons @61;         # question: why do jobs wait, of each of these ranges most?
  reasonsshown @62;       # answer
  showcluster @63;        # question: how is the cluster, and who has what?
  clustershown @64;       # answer
  report @65;             # question: all that a worker has to say, in `value` (adapters/wire/zjob_report.py)
  orders @66;             # answer: all that it is told, in `value`
  # These are their `value`, in JSON (core/messages/keys.py).
  setkey @67;             # question: that generation of a holder's keys counts
  ackkey @68;             # answer
  showkeys @69;           # question: who has a key?
  keysshown @70;          # answer
}

struct Zjob {
  id @0 :Int64;
  msg @1 :JobMsg;
  aboutjid @2 :Int64;
  cmd @3 :Text;
  args @4 :List(Text);
  out @5 :List(Text);
  env @6 :List(Text);
  host @7 :Text;
  stm @8 :Int64;
  etm @9 :Int64;
  elapsec @10 :Int64;
  status @11 :Text;
  subtime @12 :Int64;
  pid @13 :Int64;
  dir @14 :Text;
  submitaddr @15 :Text;
  serveraddr @16 :Text;
  workeraddr @17 :Text;
  finishaddr @18 :List(Text);
  signature @19 :Text;
  islocal @20 :Bool;
  arrayid @21 :Int64;
  groupid @22 :Int64;
  cancelled @23 :Bool;
  delegatetm @24 :Int64;
  lastpingtm @25 :Int64;
  unansweredping @26 :Int64;
  sendernonce @27 :Int64;
  sendtime @28 :Int64;
  err @29 :Text;
  haderror @30 :Bool;
  maxshow @31 :Int64;
  cmdopts @32 :UInt64;
  homeOnSubmitter @33 :Text;

  # Appended by this program.
  nonce @34 :Data;              # 16 random bytes, one value a request
  inReplyTo @35 :Data;          # in an answer: the nonce of its question
  workerId @36 :Text;           # a worker, or a place of it that runs one job at a time
  attempt @37 :Int64;           # counts from 1 each time the job is delegated
  commands @38 :List(Data);     # each the words of one command, separated by NUL
  folder @39 :Data;             # where the job runs; acksubmit, acktakesnapshot: where outputs go
  environment @40 :Data;        # K=V entries separated by NUL
  lastjid @41 :Int64;           # in acksubmit: the last of the new jobs
  patience @42 :Float64;        # not used: a worker always waits
  wantsNext @43 :Bool;          # not used: `wants` says how many
  offset @44 :Int64;            # outputchunk, ackoutput: bytes from the output's start
  output @45 :Data;             # exact bytes
  outputLength @46 :Int64;
  outputSha256 @47 :Data;
  exitStatus @48 :Int32;
  signal @49 :Int32;
  cpuSeconds @50 :Float64;
  peakKib @51 :Int64;
  state @52 :Text;              # of a job: waiting, running, finished, cancelled, lost, unknown or refused
  jobs @53 :List(Zjob);         # rows of a snapshot, or of an answer about several jobs
  terms @54 :Data;              # what else was asked for of a job, in JSON (core/values/terms.py); none: nothing
  trouble @55 :Text;            # of ackshutdownworker: "lifetime" when that is over
  killSignal @56 :Int32;        # the signal to begin a kill with
  existed @57 :Bool;            # acksubmit: a live job has that key, nothing was queued
  suspect @58 :Bool;            # of a running row: its worker's connection has gone
  crashes @59 :Int64;           # how many workers were lost with the job
  wants @60 :Int64;             # not used: report says so of each place
  kept @61 :List(Int64);        # the jobs that a question is about, where these are several
  queue @62 :Data;              # answer: 16 bytes, whose queue speaks; question: whose is asked, or none; then 8 of
                                # what that server drew at its start, and, of an attempt, 8 of what the server drew that
                                # gave it; these alone in a row
  serverEpoch @63 :Int64;       # answer: counts the starts of that server; question: the latest known
  epoch @64 :Int64;             # of an attempt: the serverEpoch of the server that gave it
  physical @65 :Data;           # `folder` without symbolic links, where that is another path
  troubles @66 :List(Text);     # acktakesnapshot: a line for what a host cannot do now
  sha256Before @67 :Data;       # outputchunk: of the output up to the piece; outputSha256: up to its end
  owner @68 :Text;              # of a question: the user who asks, at `host` by the process `pid`
  blobs @69 :Data;              # SHA-256 and size (core/values/blobs.py), 40 bytes each, zeros for none: of the program that the first
                                #   word of each command names, then of the standard input; in addblob, fetchblob and blobpiece the
                                #   one, whose piece has outputSha256; in acksubmit the one that is wanted from `offset` on
  toCome @70 :Int64;            # initialsubmit, acksubmit: so many commands of the list are missing yet
  submission @71 :Data;         # additems: the nonce of the list's initialsubmit; `offset` counts commands
  counts @72 :List(Int64);      # ackchange: jobs changed, as before, running, ended, unknown, others'; ranges left
                                #   acktakesnapshot: of each array its first job, how many it has, how many have ended
                                #   haderror when nothing was done, since they are more than `maxshow`, or others'
  argv @73 :Data;               # initialsubmit: the command of all jobs, where they have items
  items @74 :Data;              # initialsubmit: what goes with the command of each, in JSON (core/values/items.py); lines are in `commands`
  taskNumber @75 :Int64;        # of a job, where `arrayid` is the first of several: its number among them,
  taskFirst @76 :Int64;         #   the lowest of these,
  taskLast @77 :Int64;          #   the highest,
  taskStep @78 :Int64;          #   and how far it is from one to the next; 0: of a list, where the rest follows from the job's number
  line @79 :Data;               # of a job: the line that went into its command
  cause @80 :UInt8;             # of an end that nobody asked for: 1 its time, 2 its memory, 3 the spool, 4 the file that it named; `err` in words
  grant @81 :Data;              # of a running row: what of its host is its own, in JSON (core/values/room.py)
  offer @82 :Data;              # report: what the worker has, in JSON (core/values/room.py)
  value @83 :Data;              # all of the message, in JSON or MessagePack, where the enumerant says so; of an end, what its
                                #   job wrote apart and its files' names, in MessagePack (core/values/beside.py);
                                #   of report and orders their rows, in MessagePack;
                                #   of ackshutdownworker the serial of the worker's last report, 8 bytes;
                                #   of outputchunk and ackoutput which stream it is about, a byte: 2; none: the output
  wishes @84 :Data;             # initialsubmit: what the jobs are to wait for, in JSON (core/values/wishes.py)
  selector @86 :Data;           # change: which jobs, in JSON (core/values/selectors.py)
  paused @87 :Bool;             # of a running row: the job is stopped
  back @88 :Bool;               # not used: report and orders have it
  timeLimit @89 :Float64;       # the same
  followed @90 :Bool;           # the same
  what @85 :Data;               # change: what becomes of them, in JSON (core/values/changes.py)
}
