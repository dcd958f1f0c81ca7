# A network for a test of DNS: a loopback with all its addresses, and an /etc with only the files that the test puts there.
# Sourced in a process that has network and mount namespaces of its own.

export PYTHONPATH
PYTHONPATH=$(dirname "$(command -v dns_server.py)")
ip link set lo up
mkdir -p etc
mount --make-rprivate /
cp /etc/passwd /etc/group /etc/ld.so.cache etc/ 2>/dev/null
mount --bind etc /etc

# resolv SERVER...: makes these the servers to query.
resolv() { printf 'nameserver %s\n' "$@" >/etc/resolv.conf; }

# servers ADDRESS=BEHAVIOUR...: starts these servers, see dns_server.py; their queries are written to the file "queries".
servers() {
  mkfifo ready
  dns_server.py -l queries "$@" >ready 2>server-errors &
  dns_server=$!
  read -r _ <ready || cat server-errors
  rm ready
}

# queries: prints the queries that the servers got, one per line.
queries() { cat queries; : >queries; }

# milliseconds COMMAND...: prints the duration of a command after its output.
milliseconds() {
  local start=${EPOCHREALTIME/./}
  "$@"
  echo "$(((${EPOCHREALTIME/./} - start) / 1000))"
}

# real SERVER ADDRESS: starts dnsmasq, knot or unbound (which queries knot) there, with the records of the file "zone"; returns when it answers.
real() {
  "real_$1" "$2"
  until_true eval "DNSCACHEIP=$2 dnsip4 -t 1000 a.test >/dev/null 2>&1"
}

real_dnsmasq() {
  # No awk: /usr/bin/awk is a link into /etc.
  sed -n -E '
    s/"//g; s/\. / /; s/\.$//
    s/^(\S+) 60 IN (A|AAAA) (.*)/host-record=\1,\3/p
    s/^(\S+) 60 IN CNAME (.*)/cname=\1,\2/p
    s/^(\S+) 60 IN MX (\S+) (.*)/mx-host=\1,\3,\2/p
    s/^(\S+) 60 IN SRV (\S+) (\S+) (\S+) (.*)/srv-host=\1,\5,\4,\2,\3/p
    s/^(\S+) 60 IN PTR (.*)/ptr-record=\1,\2/p
    s/^(\S+) 60 IN TXT (\S+) (\S+)/txt-record=\1,\2,\3/p' zone >dnsmasq.conf
  dnsmasq -k -C dnsmasq.conf --no-resolv --no-hosts --bind-interfaces --listen-address="$1" --local=/test/ --local-ttl=60 --pid-file= --user=root 2>dnsmasq.log &
}

real_knot() {
  mkdir -p knot
  for domain in test in-addr.arpa; do
    { echo "$domain. 60 IN SOA ns.test. root.test. 1 60 60 60 60"; echo "$domain. 60 IN NS ns.test."; grep "^[^ ]*$domain\. " zone; } >"knot/$domain.zone"
  done
  cat >knot.conf <<TEXT
server:
    listen: $1@53
    rundir: $PWD/knot
control:
    listen: $PWD/knot/control
database:
    storage: $PWD/knot
template:
  - id: default
    storage: $PWD/knot
    journal-content: none
zone:
  - domain: test
  - domain: in-addr.arpa
TEXT
  knotd -c knot.conf >knot.log 2>&1 &
}

real_unbound() {
  real knot 127.0.0.253
  cat >unbound.conf <<TEXT
server:
    interface: $1
    access-control: 127.0.0.0/8 allow
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "$PWD"
    pidfile: ""
    use-syslog: no
    module-config: "iterator"
    do-not-query-localhost: no
    local-zone: "test." nodefault
    local-zone: "10.in-addr.arpa." nodefault
stub-zone:
    name: "test."
    stub-addr: 127.0.0.253
stub-zone:
    name: "10.in-addr.arpa."
    stub-addr: 127.0.0.253
remote-control:
    control-enable: no
TEXT
  unbound -c unbound.conf >unbound.log 2>&1 &
}
