/*
 * How a file store commits, crashes and opens again (docs/formats/ronk-v1.md, sections 3 and 4), for the model checker spin.
 * eng/model.sh checks every property in every reachable state, and that each mutant below breaks the property it is named with.
 *
 * Two processes want to write; two callers ask the one that has the store open; the world kills a process or cuts the power, at any step.
 * A line's number is its sequence number and its place in the file. Each file has what a cache holds and what is durable:
 *   journal   cached and durable lines; a group of lines is written one after the other, so that a crash may leave a part of it
 *   records   the last line whose record is there; a line's record comes first
 *   anchor    one number, replaced whole
 * A kill leaves what is cached. A power cut leaves, of what is not durable, any part.
 *
 * Properties, and the mutants (-D) that must break them:
 *   durable   what was acknowledged is durable                                    ACK_EARLY (before fdatasync)
 *                                                                                 LATE_JOINS (a caller who came after the write is answered with the group)
 *   one       at most one process writes                                          NO_LOCK
 *   gapless   every line goes behind the last one, and its base is durable        FROM_ANCHOR (goes on behind the anchor's line, not the last good one)
 *   anchored  the anchor is never ahead of the journal: no false rollback         ANCHOR_EARLY (before fdatasync)
 *   seen      no acknowledged line is ahead of the anchor: its loss is seen       ACK_UNANCHORED
 *   recorded  no line without its record                                          RECORD_LATE (after the line)
 *   served    what an opened store serves is durable, not in a cache alone        NO_SETTLE (opens without writing the last group again)
 */

#define LINES   5
#define CRASHES 3
#define NOBODY  2

mtype = { idle, waits, joined };

byte cached = 1, durable_len = 1;           /* the first line made the store */
byte record_cached = 1, record_durable = 1;
byte anchor_cached = 1, anchor_durable = 1;

byte acked = 1;                             /* the last line that a caller was told of */
byte serving = 0;                           /* the last line that the open process serves; 0 while none is open */
byte holder = NOBODY;                       /* who has the lock; the system takes it back from the dead */
byte writers = 0;
bool gap = false;
byte crashes = 0;

bool alive[2];                              /* at work with the store */
bool opened[2];
mtype call[2] = idle;

ltl durable  { [] (acked <= durable_len) }
ltl one      { [] (writers <= 1) }
ltl gapless  { [] (!gap) }
ltl anchored { [] (anchor_cached <= durable_len) }
ltl seen     { [] (acked <= anchor_durable) }
ltl recorded { [] (cached <= record_durable) }
ltl served   { [] (serving <= durable_len) }

/* One step of a process, if it still lives. */
#define STEP(action) atomic { if :: alive[me] -> action :: else -> goto closed fi }

inline leave(p) {
  alive[p] = false;
  if
  :: holder == p -> holder = NOBODY
  :: else
  fi;
  if
  :: opened[p] -> opened[p] = false; writers--
  :: else
  fi;
  serving = 0;
  call[0] = idle;
  call[1] = idle
}

inline join(c) {
  if
  :: call[c] == waits -> call[c] = joined; group++
  :: else
  fi
}

inline answer(c) {
  if
  :: call[c] == joined -> call[c] = idle; acked = place
#ifdef LATE_JOINS
  :: call[c] == waits -> call[c] = idle; acked = place + 1
#endif
  :: else
  fi
}

inline acknowledge() {
  answer(0);
  answer(1);
  serving = place
}

inline append() {
  gap = gap || place != cached || base > durable_len;
  cached++;
  place++
}

active [2] proctype process() {
  byte me = _pid;
  byte base, place, group;

closed:
  atomic { base = 0; place = 0; group = 0 };

#ifdef NO_LOCK
end_waiting:
  atomic { !alive[me] -> alive[me] = true };
#else
end_waiting:
  atomic { holder == NOBODY -> holder = me; alive[me] = true };
#endif

  /* All is checked before anything is changed. What would be refused here must not come from a crash. */
  STEP(
    assert(anchor_cached <= cached);
    assert(acked <= cached);
    assert(cached <= record_cached);
    opened[me] = true;
    writers++;
    place = cached);

#ifndef NO_SETTLE
  STEP(durable_len = cached);               /* the last group again, fdatasync */
  STEP(record_durable = record_cached);     /* fsync of the directories */
  STEP(record_cached = cached);             /* records that no line names are moved aside */
  STEP(record_durable = record_cached);
  STEP(anchor_cached = cached);
  STEP(anchor_durable = anchor_cached);
#endif
#ifdef FROM_ANCHOR
  STEP(place = acked);
#endif
  STEP(serving = place);

committing:
  atomic {
    if
    :: !alive[me] -> goto closed
    :: alive[me] && (call[0] == waits || call[1] == waits) && place + 2 <= LINES ->
      base = place;
      group = 0;
      join(0);
      join(1)
    :: alive[me] -> leave(me); goto closed
    fi
  };

#ifndef RECORD_LATE
  STEP(record_cached = place + group);      /* temporary names, fsync, renames */
  STEP(record_durable = record_cached);     /* fsync of the directories */
#endif

  /* One write; it may be cut short between two lines. */
  STEP(append());
  STEP(if :: group == 2 -> append() :: else fi);
#ifdef ACK_EARLY
  STEP(acknowledge());
#endif
#ifdef ANCHOR_EARLY
  STEP(anchor_cached = place);
  STEP(anchor_durable = anchor_cached);
#endif
  STEP(durable_len = cached);               /* fdatasync */
#ifdef RECORD_LATE
  STEP(record_cached = place);
  STEP(record_durable = record_cached);
#endif
#ifdef ACK_UNANCHORED
  STEP(acknowledge());
#endif
  STEP(anchor_cached = place);              /* temporary, fsync, rename */
  STEP(anchor_durable = anchor_cached);     /* fsync of its directory */
  STEP(acknowledge());
  goto committing
}

/* A caller comes at any time, also while a group is being written; it waits for the next one then. */
active [2] proctype caller() {
  byte c = _pid - 2;
end_calling:
  do
  :: atomic { call[c] == idle && serving > 0 -> call[c] = waits }
  od
}

active proctype world() {
end_crashing:
  do
  :: atomic { crashes < CRASHES && alive[0] -> leave(0); crashes++ }
  :: atomic { crashes < CRASHES && alive[1] -> leave(1); crashes++ }
  :: atomic {
      crashes < CRASHES ->
      leave(0);
      leave(1);
      crashes++;
      do
      :: cached > durable_len -> cached--
      :: break
      od;
      do
      :: record_cached > record_durable -> record_cached--
      :: break
      od;
      if
      :: anchor_cached = anchor_durable
      :: skip
      fi;
      /* What stayed was written. */
      durable_len = cached;
      record_durable = record_cached;
      anchor_durable = anchor_cached
    }
  od
}
