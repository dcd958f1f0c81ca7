/* A model of how the super-server counts and reaps, for spin(1): every order in which its threads, its children, its clients, signals and
   failures can come. Names are those of src/Server; what is told there isn't told again.

   What holds in every order, or the model stops:
   - Never more than -c connections have a living child, and of one client never more than -C.
   - IPCCONNNUM is from 1 to -C, and counts at least the living children of the client.
   - Every child is waited for exactly once, by whoever it belongs to.
   - When everything rests, nothing is counted, reserved or left to be waited for, and no client waits: no slot and no wake-up is lost.
   - SIGTERM ends the server, at any time, and every client that it took out of the backlog is served or told off first.

   What is left out: names and messages, the table's own algorithm (a property test has that), time limits (in the model every gate answers, so
   that none is reached, except that of a client that waits), the numbers of polls. Process ids are few and used again at once: the kernel takes
   any that is free.

   Sizes come from the command line, -DNAME=N. -DFAULT=N puts one fault into the model, which it has to find: so it is known to look. */

#ifndef THREADS
#define THREADS 2       /* -j: threads besides the first */
#endif
#ifndef CLIENTS
#define CLIENTS 3
#endif
#ifndef KEYS
#define KEYS 2          /* users */
#endif
#ifndef MOST
#define MOST 2          /* -c */
#endif
#ifndef MOST_PER_KEY
#define MOST_PER_KEY 1  /* -C */
#endif
#ifndef PIDS
#define PIDS 3
#endif
#ifndef STRANGERS
#define STRANGERS 1     /* children that the server didn't start: orphans in a container, what the process had before */
#endif
#ifndef SHORTAGES
#define SHORTAGES 1     /* how often something is short: memory, processes */
#endif
#ifndef FAILURES
#define FAILURES 1      /* how often a program can't be executed */
#endif
#ifndef FEW
#define FEW 1           /* FewChildren: below it all that have ended are waited for, else they are looked for */
#endif
#ifndef EARLY_TERM
#define EARLY_TERM 0    /* whether SIGTERM comes at any time, not only when everything rests */
#endif
#ifndef FAULT
#define FAULT 0
#endif

#define ACCEPTORS (THREADS + 1)
#define NOBODY 0
#define ENDED 255

/* ---- the kernel ---- */

mtype = { FREE, RUNNING, ZOMBIE };

typedef Process { mtype state = FREE; byte key; byte maker; bool counted };
Process process[PIDS + 1];     /* by process id, from 1 */

chan backlog = [CLIENTS] of { byte };
byte taken, served, refused;   /* clients */
bool childSignal;              /* SIGCHLD is pending; it names one child */
byte childNamed;
bool term;                     /* SIGTERM is pending */
byte blocked, wakes;           /* threads in epoll_wait(2), and those of them that were woken */
byte strangers, shortages, failures;
bool over;                     /* MainLoop.Run has returned */

/* ---- ServerState, ConnectionTable ---- */

bool locked;
byte waiting, signals;         /* Condition slotFreed: its field, and the tokens of its semaphore */
byte waitingToBegin, beginSignals;
byte reserved, begun, registered;
byte count[KEYS];              /* ClientCounts */
byte threads, mostThreads = THREADS;
bool held, ending;
byte keyOf[PIDS + 1];          /* clientOfChild: the key plus one; 0 is not registered */
byte started[ACCEPTORS];       /* ChildProcess.Started of each acceptor: written by the kernel, before the child runs */

/* For the properties. */
byte alive[KEYS], aliveInAll;

/* What happens under the lock without a wait is one step, as nobody who has not the lock looks at it meanwhile: atomic { Lock(); ... Unlock() }. */
inline Lock() { atomic { !locked -> locked = true } }
inline Unlock() { locked = false }

inline SlotFreed() {
  if
  :: FAULT == 1 -> skip
  :: else ->
     if
     :: waiting > 0 -> waiting--; signals++
     :: else
     fi
  fi
}

#define Count (registered + begun)
#define HasSlot (Count + (FAULT == 2 -> 0 : reserved) < MOST)

/* A child ends, or never was more than the start of one. */
inline Exit(id) {
  d_step {
    process[id].state = ZOMBIE;
    if
    :: process[id].counted -> alive[process[id].key]--; aliveInAll--
    :: else
    fi;
    if
    :: !childSignal -> childSignal = true; childNamed = id
    :: else
    fi
  }
}

proctype Child(byte id) {
  atomic { Exit(id) }
}

inline FreePid(id) {
  id = 1;
  do
  :: id <= PIDS && process[id].state != FREE -> id++
  :: else -> break
  od
}

/* Orphans that come to a server that is process 1, and end. */
proctype Stranger() {
  byte id;
  atomic {
    FreePid(id);
    if
    :: id <= PIDS -> process[id].state = RUNNING; process[id].counted = false; process[id].maker = ENDED; Exit(id)
    :: else
    fi
  }
}

inline Connect() {
  atomic {
    select(key : 0 .. KEYS - 1);
    backlog!key;
    if
    :: blocked > wakes -> wakes++
    :: else
    fi
  }
}

/* ---- Acceptor ---- */

/* waitpid(2) for one child or, with 0, any; id gets who it was, or 0. With mine, only children of that acceptor (__WNOTHREAD). */
inline WaitFor(child, id) {
  d_step {
    id = 0;
    if
    :: child > 0 ->
       if
       :: process[child].state == ZOMBIE -> id = child
       :: else
       fi
    :: else ->
       id = 1;
       do
       :: id <= PIDS && process[id].state != ZOMBIE -> id++
       :: else -> break
       od;
       if
       :: id > PIDS -> id = 0
       :: else
       fi
    fi;
    if
    :: id > 0 -> process[id].state = FREE; process[id].maker = ENDED; process[id].counted = false
    :: else
    fi
  }
}

/* ConnectionTable.End, ServerLog, SlotFreed: a child was waited for. */
inline End(id) {
  d_step {
    if
    :: keyOf[id] > 0 ->
       assert(count[keyOf[id] - 1] > 0);
       count[keyOf[id] - 1]--;
       keyOf[id] = 0;
       registered--;
       SlotFreed()
    :: else ->
       place = 0;
       do
       :: place < ACCEPTORS && started[place] != id -> place++
       :: else -> break
       od;
       if
       :: place < ACCEPTORS -> started[place] = ENDED
       :: else
       fi
    fi;
    place = 0
  }
}

/* ServerState.TryBegin with the lock; begins says whether. */
inline TryBegin(key, begins) {
  do
  :: held -> waitingToBegin++; Unlock(); atomic { beginSignals > 0 -> beginSignals-- }; Lock()
  :: else -> break
  od;
  if
  :: count[key] >= MOST_PER_KEY -> ReturnSlot(); begins = false
  :: else ->
     d_step {
       begins = true;
       /* IPCCONNNUM: count[key] + 1. */
       assert(count[key] + 1 >= 1 && count[key] + 1 <= MOST_PER_KEY && count[key] >= alive[key]);
       reserved--;
       begun++;
       count[key]++;
       assert(Count + reserved <= MOST)
     }
     if
     :: !ending && reserved == 0 && threads > 0 && threads < mostThreads -> StartThread()
     :: else
     fi
  fi
}

inline ReturnSlot() {
  reserved--;
  SlotFreed()
}

inline StartThread() {
  if
  :: threads++; run Acceptor(threads)
  :: shortages < SHORTAGES -> shortages++; mostThreads = threads
  fi
}

/* ConnectionTable.Abort, SlotFreed, and the end of the connection. */
inline Abort(key) {
  d_step {
    assert(begun > 0 && count[key] > 0);
    begun--;
    count[key]--;
    refused++;
    SlotFreed()
  }
}

/* Acceptor.Attempt: the gates, ChildProcess.Start, Register. waits gets whether the client waits for what is short. */
inline Attempt(me, key, mayWait, waits) {
  waits = false;
  if
  :: shortages < SHORTAGES ->        /* no process, clone(2) */
     shortages++;
     if
     :: mayWait -> waits = true      /* Postpone */
     :: else -> atomic { Lock(); Abort(key); Unlock() }
     fi
  :: failures < FAILURES ->          /* a gate refuses */
     failures++;
     atomic { Lock(); Abort(key); Unlock() }
  :: atomic {
       FreePid(id);
       id <= PIDS ->
       process[id].state = RUNNING;
       process[id].key = key;
       process[id].maker = me;
       started[me] = id;
       if
       :: FAULT == 5 -> started[me] = 0
       :: else
       fi;
       process[id].counted = true;
       alive[key]++; aliveInAll++;
       assert(aliveInAll <= MOST && alive[key] <= MOST_PER_KEY)
     };
     if
     :: failures < FAILURES ->       /* the child can't execute the program: clone returns when it has ended */
        failures++;
        Exit(id);
        started[me] = 0;
        /* Its end may be taken by the reaper, and its number be somebody else's by then. */
        atomic {
          !(process[id].maker == me || (FAULT == 6 && process[id].maker != ENDED)) || process[id].state == ZOMBIE ->
          if
          :: process[id].maker == me || (FAULT == 6 && process[id].maker != ENDED) -> process[id].state = FREE; process[id].maker = ENDED; process[id].counted = false
          :: else
          fi;
          id = 0
        };
        atomic { Lock(); Abort(key); Unlock() }
     :: run Child(id);
        /* ConnectionTable.Register */
        atomic {
        Lock();
        d_step {
          begun--;
          served++;
          if
          :: started[me] == ENDED -> count[key]--; SlotFreed()
          :: else ->
             assert(keyOf[id] == 0);
             registered++;
             keyOf[id] = key + 1
          fi;
          started[me] = 0;
          id = 0
        };
        Unlock()
        }
     fi
  fi
}

/* Acceptor.TryAcceptOne with a reserved place; found gets whether there was a client. */
inline TryAcceptOne(me, key, waits, found) {
  if
  :: atomic { backlog?key -> taken++ };
     found = true;
     atomic { Lock(); TryBegin(key, begins); Unlock() };
     if
     :: begins -> begins = false; Attempt(me, key, true, waits)
     :: else -> refused++
     fi
  :: atomic { empty(backlog) -> found = false };
     atomic { Lock(); ReturnSlot(); Unlock() }
  fi
}

/* Acceptor.Run, the thread's own. */
proctype Acceptor(byte me) {
  byte key, id;
  bool waits, found, begins;
  do
  :: waits ->                        /* RetryIfWaiting */
     if
     :: Attempt(me, key, false, waits)
     :: !held && !ending -> Attempt(me, key, true, waits)
     fi
  :: else ->
     /* AwaitSlot */
     atomic {
     Lock();
     do
     :: ending || !HasSlot -> waiting++; Unlock(); atomic { signals > 0 -> signals-- }; if :: FAULT == 4 -> locked = true; break :: else -> Lock() fi
     :: else -> break
     od;
     if
     :: shortages < SHORTAGES -> shortages++; Unlock(); goto again      /* ReserveSlot: ENOMEM */
     :: else -> reserved++; Unlock()
     fi
     };
     TryAcceptOne(me, key, waits, found);
     if
     :: !found ->
        /* ClientWait.Wait */
        atomic {
          if
          :: nempty(backlog)
          :: empty(backlog) ->
             blocked++;
asleep:      wakes > 0 -> wakes--;
             if
             :: nempty(backlog) -> blocked--
             :: empty(backlog) -> goto asleep
             fi
          fi
        }
     :: else -> found = false
     fi;
again: skip
  od
}

/* ---- MainLoop, ChildReaper ---- */

/* In one: between waitpid(2) and what follows the kernel gives the number to nobody, as it goes through all others first. */
inline TryReap(child, id) {
  atomic {
    WaitFor(child, id);
    if
    :: id > 0 -> End(id)
    :: else
    fi
  }
}

inline ChildEnded(named) {
  if
  :: FAULT == 3 -> TryReap(named, id)
  :: else ->
     TryReap(named, id);
     if
     :: registered < FEW ->
        do
        :: TryReap(0, id);
           if
           :: id == 0 -> break
           :: else
           fi
        od
     :: else ->
        recentDemanded = true;
        if
        :: !allDemanded -> placesLeft = PIDS; allDemanded = true
        :: else
        fi
     fi
  fi;
  id = 0
}

/* ChildReaper.Search: one of the searches, whichever has its time. */
inline Search() {
  atomic {
  Lock();
  if
  :: recentDemanded ->
     child = 1;
     do
     :: child <= PIDS ->
        if
        :: keyOf[child] > 0 -> TryReap(child, id)
        :: else
        fi;
        child++
     :: else -> break
     od;
     recentDemanded = false
  :: allDemanded && placesLeft > 0 ->
     if
     :: keyOf[placesLeft] > 0 -> TryReap(placesLeft, id)
     :: else
     fi;
     placesLeft--
  :: allDemanded && placesLeft == 0 ->
     TryReap(0, id);
     if
     :: id > 0 -> placesLeft = PIDS
     :: else -> allDemanded = false
     fi
  fi;
  Unlock();
  child = 0;
  id = 0
  }
}

active proctype MainLoop() {
  byte key, id, child, place;
  bool waits, found, begins, accepts = true, startsThreads = true, stopping, recentDemanded, allDemanded;
  byte placesLeft;
  do
  :: stopping -> break
  :: !stopping && allDemanded -> Search()
  :: !stopping && (childSignal || term) ->
     /* HandleSignals */
     atomic {
     Lock();
     do
     :: d_step { childSignal -> childSignal = false; child = childNamed; childNamed = 0 };
        ChildEnded(child);
        child = 0
     :: term -> term = false; stopping = true
     :: !childSignal && !term -> break
     od;
     if
     :: stopping ->
        /* GiveUp; Finish; Hold */
        if
        :: waits -> waits = false; Abort(key)
        :: else
        fi;
        ending = true;
        do
        :: reserved > 0 -> Unlock(); (reserved == 0) -> Lock()
        :: else -> break
        od;
        held = true;
        do
        :: begun > 0 -> Unlock(); (begun == 0) -> Lock()
        :: else -> break
        od
     :: else
     fi;
     Unlock()
     }
  :: !stopping && waits ->
     if
     :: Attempt(0, key, false, waits)
     :: !held && !ending -> Attempt(0, key, true, waits)
     fi
  :: !stopping && !childSignal && !term && accepts && !waits && HasSlot && nempty(backlog) ->
     if
     :: startsThreads && THREADS > 0 ->
        /* LeaveToThreads */
        atomic {
        Lock();
        startsThreads = false;
        if
        :: threads++; accepts = false; run Acceptor(threads)
        :: shortages < SHORTAGES -> shortages++; mostThreads = 1
        fi;
        Unlock()
        }
     :: atomic { Lock(); reserved++; Unlock() };
        TryAcceptOne(0, key, waits, found);
        found = false
     fi
  od;
  over = true
}

/* Brings everything about, and looks when nothing more can happen. */
active proctype World() {
  byte number, key;
  do
  :: number < STRANGERS -> run Stranger(); number++
  :: else -> number = 0; break
  od;
  do
  :: number < CLIENTS -> Connect(); number++
  :: else -> number = 0; break
  od;
  if
  :: EARLY_TERM -> term = true
  :: else ->
     timeout;
     assert(empty(backlog));
     assert(taken == CLIENTS && served + refused == CLIENTS);
     assert(reserved == 0 && begun == 0 && registered == 0);
     for (number : 1 .. PIDS) { assert(process[number].state == FREE && keyOf[number] == 0) }
     for (number : 0 .. KEYS - 1) { assert(count[number] == 0) }
     term = true
  fi;
  timeout;
  assert(over);
  assert(taken == served + refused && begun == 0 && reserved == 0)
}
