# Sourced by the tests that are scripts.

# Only running jobs: the process id of one that has ended may be another's by now.
trap 'kill -KILL $(jobs -rp) 2>/dev/null' EXIT

# serve ARGS...: starts a server of the toolkit in the background, $SERVER or s6-ipcserver, with `-1 ARGS`; returns when it is ready.
# Its pid is in $server. $T is a prefix of the command, such as a tracer.
serve() {
    # Each server has a FIFO of its own: an earlier server may still hold its end for a moment.
    local ready=ready.$((servers++)) _
    mkfifo "$ready"
    # shellcheck disable=SC2086 # several words
    ${T-} "${SERVER-s6-ipcserver}" -1 "$@" >"$ready" &
    server=$!
    read -r _ <"$ready" || echo "the server did not start: $*" >&2
    rm "$ready"
}

# until_true COMMAND...: waits until a command succeeds; ends the script when it never does.
until_true() {
    local i
    for ((i = 0; i < 1000; i++)); do
        "$@" && return
        sleep 0.02
    done
    echo "never true: $*" >&2
    exit 1
}

# listening PATH: waits until someone listens on this absolute path.
listening() {
    # shellcheck disable=SC2016 # awk's
    until_true awk -v path="$1" '$4 == "00010000" && $NF == path { found = 1 } END { exit !found }' /proc/net/unix
}

# told PROGRAM: waits until sudod, the parent of this process, has told its client of the start: then it sleeps.
told() {
    until_true grep -q '^State:.S' "/proc/$(ps -o ppid= -p "$1" | tr -d ' ')/status"
}

# attach OPTION...: traces all threads of $server, with the tracer's process id in $tracer; returns once it traces them. detach ends that.
attach() {
    strace -f -qq -o trace "$@" -p "$server" &
    tracer=$!
    until_true traced
}
traced() {
    ! grep -q '^TracerPid:.0$' "/proc/$server/task/"*/status
}
detach() {
    kill "$tracer"
    wait "$tracer"
}

# grant KEY [NAME=VALUE]...: the rules in r let clients of this key in, with variables S6_FDHOLDER_NAME.
grant() {
    local key=$1 right
    mkdir -p "r/$key/env" && : >"r/$key/allow"
    for right in "${@:2}"; do
        printf '%s\n' "${right#*=}" >"r/$key/env/S6_FDHOLDER_${right%%=*}"
    done
}

# grant_all KEY: the same with every right.
grant_all() {
    grant "$1" STORE_REGEX=. RETRIEVE_REGEX=. LIST=1 GETDUMP=1 SETDUMP=1
}

# hold ARGS...: starts a descriptor holder in the background, at the socket sk, with the rules in r, or a rule that lets root do everything.
# Its pid is in $server.
hold() {
    [ -e r ] || grant_all uid/0
    SERVER=s6-fdholder-daemon serve "$@" -i r sk
}

# talk: runs the Python program on descriptor 0 with unixmessage.py, for the holder at sk; its pid is the first word.
talk() {
    unixmessage.py sk "$server"
}

# speak: runs the Python program on descriptor 0 with session.py.
speak() {
    session.py
}

# has_fifo DIR: whether a fifodir has a listener; no_fifo DIR: whether it has none.
has_fifo() {
    [ -n "$(find "$1" -name 'ftrig1:*')" ]
}
no_fifo() {
    ! has_fifo "$1"
}
