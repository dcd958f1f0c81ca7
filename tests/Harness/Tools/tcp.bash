# The helpers of the case table of TCP. Sourced in a process that has network, mount and pid namespaces of its own, after dns.bash.

# Ports that the kernel chooses are shown as PORT.
echo '60000 60999' >/proc/sys/net/ipv4/ip_local_port_range
cp "$(dirname "${BASH_SOURCE[0]}")/services" /etc/services
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
echo '127.0.0.1 localhost' >/etc/hosts

# bound PATTERN: whether there is a bound socket whose line of ss(8) matches.
bound() { ss -Hltun | grep -q -- "$1"; }

# wait_for COMMAND...: waits until a command succeeds.
wait_for() {
  local i
  for ((i = 0; i < 1000; i++)); do
    "$@" && return
    sleep 0.02
  done
  echo "never true: $*" >&2
}

# up PORT: waits until there is a listener on this port.
up() { wait_for bound ":$1 "; }

# started PROGRAM: waits until the newest background process is this program.
started() { wait_for runs "$!" "$1"; }
runs() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -q "^[^ ]*$2 "; }

# words PID: the command line of a process, without the folder of the program.
words() { tr '\0' ' ' <"/proc/$1/cmdline" | sed 's,^[^ ]*/,,'; }

# cl ADDR PORT [OPTIONS]: prints what a server sends to a client that sends nothing.
cl() {
  local address=$1
  [[ $1 == *:* ]] && address="[$1]"
  socat -t 5 - "TCP:$address:$2${3:+,$3}" </dev/null
}

# hold FILE ADDR PORT: starts a client in the background that stays until it is killed; returns when it has got a line.
hold() {
  socat -u "TCP:$2:$3" - >"$1" &
  wait_for test -s "$1"
}

# acc REMOTE LOCAL ARGS...: runs the gate for a client with that address.
acc() {
  PROTO=TCP TCPREMOTEIP=$1 TCPREMOTEPORT=50000 TCPLOCALIP=$2 TCPLOCALPORT=25 s6-tcpserver-access "${@:3}"
}

# srv ADDR PORT: a server that prints its client.
srv() {
  # shellcheck disable=SC2016 # for the other shell
  s6-tcpserver -q "$1" "$2" sh -c 'echo "served $TCPLOCALIP for $TCPREMOTEIP"' &
  wait_for listens "$1" "$2"
}
listens() { bound "[^0-9a-f:]$1\\]*:$2 "; }

# dns [ADDR]: a name server with the zone on descriptor 0, written to the file "zone"; its queries go to the file "dnslog".
dns() {
  cat >zone
  : >dnslog
  zone_server.py "${1-127.0.0.1}" &
  wait_for answers "${1-127.0.0.1}"
}

# answers ADDR: whether a name server answers there, over UDP and TCP.
answers() { [ "$(ss -Hltun | grep -c "[^0-9a-f:]$1\\]*:53 ")" = 2 ]; }

# ident ADDR REPLY [DELAY]: an IDENT server; its queries go to the file "identlog".
ident() {
  ident_server.py "$@" &
  wait_for listens "$1" 113
}

# settle PID: waits until a server has no children left.
settle() { wait_for childless "$1"; }
childless() { ! pgrep -P "$1" >/dev/null; }

# rests PID: whether a process sleeps.
rests() { [ "$(ps -o state= "$1")" = S ]; }

# accepted: whether 127.0.0.1 gets another connection from the server on port 8001; prints what the server sends.
accepted() { cl 127.0.0.1 8001 2>/dev/null | grep .; }

# has_children PID COUNT: whether a server has that many children.
has_children() { [ "$(pgrep -c -P "$1")" = "$2" ]; }
