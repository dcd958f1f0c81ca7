#!/bin/sh
# Links the driver with the object for fuzzing: build.sh ROOT, after that object was compiled. The result is bin/fuzz/driver.
set -eu

cd "$1"
native=obj/native/fuzz
mkdir -p bin/fuzz
# The driver has its own main, so the product's is renamed.
objcopy --redefine-sym main=product_main $native/localservice.o $native/product.localservice.o
musl-gcc -O2 -Wall -Wextra -c -fno-pie -o $native/driver.o tests/Fuzz/driver.c

# link BLOCKS OUTPUT: links at fixed addresses.
link() {
  musl-gcc -static -no-pie -Wl,--defsym=__security_cookie=__stack_chk_guard -o "$2" \
    $native/driver.o $native/product.localservice.o "$1" 2>$native/driver.log || { cat $native/driver.log >&2; exit 1; }
}

# The list of blocks is a constant of fixed size, so that the addresses are the same with and without its contents.
blocks=70000
printf '.section .rodata.blocks,"a"\n.globl blocks, block_count\n.balign 4\nblocks: .space %d\nblock_count: .long 0\n' $((blocks * 4)) >$native/blocks.s
link $native/blocks.s $native/without
# A block begins at the target of a jump and after a conditional one. Only compiled code counts, whose symbols the object has.
nm $native/product.localservice.o | awk '$2 ~ /[tT]/ { print $3 }' | sort >$native/own.names
objdump -d --no-show-raw-insn $native/without | LC_ALL=C awk -v names=$native/own.names -v limit=$blocks '
  BEGIN { while ((getline name < names) > 0) own[name] = 1 }
  /^[0-9a-f]+ <.*>:$/ { name = $2; sub(/^</, "", name); sub(/>:$/, "", name); inside = name in own; behind = inside; next }
  !inside || $1 !~ /:$/ { next }
  {
    address = $1; sub(/:$/, "", address)
    known[address] = 1
    if (behind) starts[address] = 1
    behind = $2 ~ /^j/
    if ($2 ~ /^j/ && $3 ~ /^[0-9a-f]+$/) starts[$3] = 1
  }
  END { for (address in starts) if (address in known) print "0x" address }' | sort >$native/block.list
awk -v blocks=$blocks '
  BEGIN { print ".section .rodata.blocks,\"a\"\n.globl blocks, block_count\n.balign 4\nblocks:" }
  NR <= blocks { print ".long " $1; count++ }
  END { print ".space " (blocks - count) * 4 "\nblock_count: .long " count }' $native/block.list >$native/blocks.s
link $native/blocks.s bin/fuzz/driver
echo "built: bin/fuzz/driver, $(wc -l <$native/block.list) blocks" >&2
