# The order of methods in the executable, for ILC. Input are the symbols of the compiled object (nm -n), then its disassembly (objdump -dr).
# Calls, and addresses that are taken, are followed from the first methods of two kinds of program; output are the names of the methods that
# are reached, in three parts:
#   1. what only a program runs that begins, finds out which role it is and becomes another program (start),
#   2. what it has in common with a server,
#   3. what only a server runs once it has started (loop), then what another server runs in place of some of that (otherLoop), and behind it
#      the border.
# All other methods are not printed, and ILC places them last. native.ld says what this is good for.
#
#   start, loop, otherLoop   regular expressions of the methods to begin with
#   others        that of the methods that lead to the other roles, at which following stops
#   border        the method behind the third part

FNR == 1 { file++ }

# A method has an index; some have more than one name.
file == 1 && $2 ~ /^[Tt]$/ {
    if ($1 != address)
        names[++count] = $3
    else
        names[count] = names[count] " " $3
    address = $1
    method[$3] = count
    next
}
file == 1 { next }

# What an instruction refers to is in angle brackets (names of generic methods have some, too), unless a relocation follows that says better.
/R_[A-Z0-9]+_/ { refer($3); resolved = ""; next }
{ refer(resolved); resolved = "" }
/^[0-9a-f]+ <.*>:$/ { caller = method[target($0)]; next }
/<.*>/ { resolved = target($0) }

END {
    refer(resolved)
    follow(start, starting)
    follow(loop, serving)
    follow(otherLoop, servingOthers)
    for (i = 1; i <= count; i++)
        if (i in starting && !(i in serving))
            put(i)
    for (i = 1; i <= count; i++)
        if (i in starting && i in serving)
            put(i)
    for (i = 1; i <= count; i++)
        if (i in serving && !(i in starting) && i != method[border])
            put(i)
    for (i = 1; i <= count; i++)
        if (i in servingOthers && !(i in serving) && !(i in starting) && i != method[border])
            put(i)
    if (!(border in method))
        fail("there is no method " border)
    print border
    exit failed
}

function target(line) {
    sub(/^[^<]*</, "", line)
    sub(/>[^>]*$/, "", line)
    return line
}

function refer(name) {
    sub(/[-+]0x[0-9a-f]+$/, "", name)
    if (name in method && method[name] != caller)
        callees[caller] = callees[caller] " " method[name]
}

# Puts into `reached` the methods whose names match, and what they lead to.
function follow(pattern, reached,    queue, head, tail, parts, n, i) {
    for (i = 1; i <= count; i++)
        if (matches(i, pattern)) {
            reached[i]
            queue[++tail] = i
        }
    if (tail == 0)
        fail("no method matches " pattern)
    while (head < tail) {
        n = split(callees[queue[++head]], parts, " ")
        for (i = 1; i <= n; i++)
            if (!(parts[i] in reached) && !matches(parts[i], others)) {
                reached[parts[i]]
                queue[++tail] = parts[i]
            }
    }
}

function matches(i, pattern,    parts, n) {
    for (n = split(names[i], parts, " "); n > 0; n--)
        if (parts[n] ~ pattern)
            return 1
    return 0
}

function put(i,    parts, n, k) {
    n = split(names[i], parts, " ")
    for (k = 1; k <= n; k++)
        print parts[k]
}

function fail(message) {
    print "order.awk: " message > "/dev/stderr"
    failed = 1
}
