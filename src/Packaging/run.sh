# ./build.sh run: shows the executable at work, with commands as a user would type them. Sourced by build.sh, whose variables and functions it uses.
# shellcheck shell=bash disable=SC2154 # variables of build.sh

demonstrations=(tour sudo upgrade wait lock dns tcp syslog)

# Whether the words name one demonstration, or all.
is_demonstration() {
  [ $# = 0 ] || { [[ " ${demonstrations[*]} all " == *" $1 "* ]] && [ $# -le 2 ] && [ "${2:---no-build}" = --no-build ]; }
}

tell() { printf '\n# %s\n' "$*"; }

# Shows a command as it would be typed, and runs it.
try() {
  printf '$ %s\n' "$1"
  local code=0
  bash -c "$1" || code=$?
  [ $code = 0 ] || printf '(exit code %s)\n' $code
}

# start COMMAND: shows the command of a server, which writes to descriptor 1 when it is ready, and runs it in the background. Its process id is in
# $server. Descriptor 2 is the file log.
start() {
  printf '$ %s &\n' "$1"
  rm -f ready
  mkfifo ready
  bash -c "exec $1" >ready 2>>log &
  server=$!
  started+=($server)
  # A newline means that the server is ready, the end of file that it has failed.
  read -r _ <ready || { cat log >&2; fail 111 "the server did not start"; }
}

stop() {
  kill "$1"
  wait "$1" || true
}

clean_up() {
  local process
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$directory"
}

demonstrate() {
  local name
  if [ "$1" = all ]; then
    for name in "${demonstrations[@]}"; do
      printf '\n==== %s\n' "$name"
      (demonstrate "$name")
    done
    return
  fi
  started=()
  directory=$(mktemp -d)
  trap clean_up EXIT
  chmod 755 "$directory"
  "$executable" --install "$directory/bin" >&2
  export PATH=$directory/bin:$PATH
  cd "$directory"
  if [ "$(id -u)" = 0 ]; then
    user=1001 other=1002 drop='-u 61001 -g 61001 '
    as_user="setpriv --reuid $user --regid $user --clear-groups "
    as_other="setpriv --reuid $other --regid $other --clear-groups "
  else
    user=$(id -u) other=$user drop='' as_user='' as_other=''
  fi
  "show_$1"
}

# The first demonstration: a service, its gate, two clients.
show_tour() {
  tell "The rules: user $user is let in, with a variable for the service; nobody else is."
  try "mkdir -p rules/uid/$user/env rules/uid/default"
  try "touch rules/uid/$user/allow rules/uid/default/deny"
  try "echo Welcome > rules/uid/$user/env/GREETING"

  tell "The service: a shell script that answers one line. The gate decides by the identity that the kernel vouches for."
  cat >service <<'TEXT'
#!/bin/sh
read -r line
echo "$GREETING, user $IPCREMOTEEUID. You said: $line"
TEXT
  chmod 755 service
  try 'cat service'
  printf '$ %s\n' "s6-ipcserver -v -1 $drop-- socket s6-ipcserver-access -v 2 -i rules ./service &"
  mkfifo ready
  # shellcheck disable=SC2086 # several words
  s6-ipcserver -v -1 $drop-- socket s6-ipcserver-access -v 2 -i rules ./service >ready 2>log &
  server=$!
  started+=($server)
  # A newline means that the server is ready, the end of file that it has failed.
  read -r _ <ready || { cat log >&2; fail 111 "the server did not start"; }

  tell "User $user connects:"
  try "echo hello | ${as_user}s6-ipcclient socket s6-ioconnect"

  if [ "$other" != "$user" ]; then
    tell "User $other connects, and gets nothing but the end of the connection:"
  else
    tell "The rule changes; it counts from the next connection on, which gets nothing but its end:"
    try "mv rules/uid/$user/allow rules/uid/$user/deny"
  fi
  # This client sends nothing: closing a connection with unread data resets it, and whether the client notices is a matter of luck.
  try "${as_other}s6-ipcclient socket s6-ioconnect </dev/null"

  tell "The server stops, and this is what it logged:"
  printf '$ kill %s\n' "$server"
  kill "$server"
  wait "$server" || true
  try 'cat log'
}

show_sudo() {
  tell "A service of the one who starts it, with a rule for user $user: this command and no other, no setuid file."
  try "mkdir -p rules/uid/$user && touch rules/uid/$user/allow"
  printf '#!/bin/sh\necho "reloading as user $(id -u), asked by user $IPCREMOTEEUID: $*"\nwc -l\nexit 3\n' >reload-firewall
  chmod 755 reload-firewall
  try 'cat reload-firewall'
  start "env -i PATH=$directory/bin:/usr/bin:/bin HOME=/root TERM= LANG= s6-ipcserver -1 -a 0666 -- run s6-ipcserver-access -i rules s6-sudod -t 10000 $directory/reload-firewall"
  tell "User $user calls it: its own words, input and output; the exit code is that of the command."
  try "printf 'one\\ntwo\\n' | ${as_user}s6-sudo run --verbose"
  if [ "$other" != "$user" ]; then
    tell "User $other does:"
    try "${as_other}s6-sudo run --verbose </dev/null"
  fi
}

show_upgrade() {
  tell "The holder keeps the listening socket of the service, so that servers can come and go."
  try "mkdir -p rules/uid/$(id -u)/env && touch rules/uid/$(id -u)/allow"
  try "echo '^unix:' | tee rules/uid/$(id -u)/env/S6_FDHOLDER_STORE_REGEX >rules/uid/$(id -u)/env/S6_FDHOLDER_RETRIEVE_REGEX"
  start 's6-fdholder-daemon -1 -i rules holder'
  try 's6-ipcserver-socketbinder service s6-fdholder-store holder unix:service'
  tell "The first version takes it from there:"
  start 's6-fdholder-retrieve holder unix:service s6-ipcserverd -1 echo version one'
  local old=$server
  try 's6-ipcclient service s6-ioconnect </dev/null'
  tell "It ends. A client that comes meanwhile waits in the socket, and the second version serves it:"
  printf '$ kill %s; s6-ipcclient service s6-ioconnect &\n' "$old"
  stop "$old"
  s6-ipcclient service s6-ioconnect </dev/null >answer &
  local client=$!
  start 's6-fdholder-retrieve holder unix:service s6-ipcserverd -1 echo version two'
  wait $client
  try 'cat answer'
}

show_wait() {
  tell "A directory of events: its owner notifies, whoever may write below it listens. Nobody polls."
  try 's6-mkfifodir events'
  printf '$ %s\n' "s6-ftrig-wait -t 10000 events 'done|failed' >heard &"
  s6-ftrig-wait -t 10000 events 'done|failed' >heard &
  local listener=$!
  started+=($listener)
  # The listener's FIFO is in the directory once it listens.
  until [ -n "$(ls -A events)" ]; do sleep 0.01; done
  try 's6-ftrig-notify events done'
  wait $listener
  try 'cat heard'
  tell "To start something and wait for its event, in one command: it listens before it starts, so that nothing is missed."
  try "s6-ftrig-listen1 -t 10000 events U s6-ftrig-notify events U"
}

show_lock() {
  tell "A job that must not overlap: while one runs, another ends at once (-n), or waits as long as it was told (-t)."
  mkfifo holding
  printf '$ %s\n' "s6-setlock report.lock sh -c 'report --all' &"
  s6-setlock report.lock sh -c 'echo; exec sleep 60' >holding &
  local holder=$!
  started+=($holder)
  read -r _ <holding
  try 's6-setlock -n report.lock echo reporting'
  try 's6-setlock -t 200 report.lock echo reporting'
  tell "The lock goes with the program, however it ends:"
  printf '$ kill -9 %s\n' $holder
  kill -9 $holder
  wait $holder 2>/dev/null || true
  try 's6-setlock -n report.lock echo reporting'
}

show_dns() {
  tell "Names for the addresses of a log. /etc/hosts is asked first (-h), and here nothing else, so that this needs no network."
  printf '192.0.2.7 web.example.org\n192.0.2.9 mail.example.org\n127.0.0.1 localhost\n' >hosts
  printf 'nameserver 127.0.0.1\n' >resolv.conf
  printf '192.0.2.7 GET /\n192.0.2.9 GET /mail\n127.0.0.1 GET /status\n' >access.log
  try 'cat access.log'
  # The files in /etc are only replaced for these commands.
  local own=(unshare --mount)
  [ "$(id -u)" = 0 ] || own=(unshare --map-root-user --mount)
  printf '$ %s\n' "s6-dnsname-filter -h -c 1000 -t 5000 -f '%d%w%r' -e '%s%w%r' <access.log"
  "${own[@]}" sh -c "mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf && exec s6-dnsname-filter -h -c 1000 -t 5000 -f '%d%w%r' -e '%s%w%r' <access.log"
  printf '$ %s\n' 's6-dnsip4 -h mail.example.org'
  "${own[@]}" sh -c 'mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf && exec s6-dnsip4 -h mail.example.org'
}

show_tcp() {
  tell "A TCP server that one network reaches. It says which port the kernel has chosen (0), and who isn't let in costs no process."
  try 'mkdir -p rules/ip4/127.0.0.0_8 && touch rules/ip4/127.0.0.0_8/allow'
  printf '$ %s\n' "s6-tcpserver -1 ${drop}-- 127.0.0.1 0 s6-tcpserver-access -H -i rules sh -c 'echo hello, \$TCPREMOTEIP' &"
  mkfifo ready
  # shellcheck disable=SC2086,SC2016 # several words, and a variable of the other shell
  s6-tcpserver -1 $drop-- 127.0.0.1 0 s6-tcpserver-access -H -i rules sh -c 'echo hello, $TCPREMOTEIP' >ready 2>log &
  started+=($!)
  local port
  read -r port <ready
  try "s6-tcpclient -H -R 127.0.0.1 $port s6-ioconnect </dev/null"
  tell "The rule changes, and counts from the next connection on:"
  try 'mv rules/ip4/127.0.0.0_8/allow rules/ip4/127.0.0.0_8/deny'
  try "s6-tcpclient -H -R 127.0.0.1 $port s6-ioconnect </dev/null"
}

show_syslog() {
  tell "The syslog daemon receives from local programs and writes lines for any logger. -c has the kernel say who they are."
  printf '$ %s\n' 's6-syslogd -d 3 -c -x devlog 3>ready >lines &'
  mkfifo ready
  s6-syslogd -d 3 -c -x devlog 3>ready >lines 2>log &
  server=$!
  started+=($server)
  read -r _ <ready
  try "logger --socket $directory/devlog --priority mail.warning --tag postman 'no stamp on a letter'"
  printf '$ kill %s\n' "$server"
  stop "$server"
  try 'cat lines'
}
