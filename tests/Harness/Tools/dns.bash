# A network of its own for a test of DNS: a loopback with all its addresses, and an /etc that holds nothing but what the test puts there.
# Sourced in a process that has network and mount namespaces of its own.

export PYTHONPATH
PYTHONPATH=$(dirname "$(command -v dns_server.py)")
ip link set lo up
mkdir -p etc
mount --make-rprivate /
cp /etc/passwd /etc/group /etc/ld.so.cache etc/ 2>/dev/null
mount --bind etc /etc

# resolv SERVER...: asks these servers.
resolv() { printf 'nameserver %s\n' "$@" >/etc/resolv.conf; }

# servers ADDRESS=BEHAVIOUR...: starts them, see dns_server.py; their queries are written to the file "queries".
servers() {
  mkfifo ready
  dns_server.py -l queries "$@" >ready 2>server-errors &
  dns_server=$!
  trap 'kill $dns_server 2>/dev/null' EXIT
  read -r _ <ready || cat server-errors
  rm ready
}

# queries: what they were asked, on one line each.
queries() { cat queries; : >queries; }

# milliseconds COMMAND...: how long it takes, on descriptor 1 behind what it writes.
milliseconds() {
  local start=${EPOCHREALTIME/./}
  "$@"
  echo "$(((${EPOCHREALTIME/./} - start) / 1000))"
}
