# Functions that the subcommands for packages share. Sourced by build.sh, whose variables and functions it uses.
# shellcheck shell=bash disable=SC2154 # variables of build.sh

# The version is only in Directory.Build.props.
product_version() { sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props"; }

# The time of all files in an artifact, in seconds since 1970: SOURCE_DATE_EPOCH, else the time of the commit, else a fixed one.
source_date() { printf '%s' "${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 1767225600)}"; }

# The executable for an architecture in Debian's name, which OCI shares.
executable_for() {
  case $1 in
    amd64) printf '%s' "$executable" ;;
    arm64) printf '%s' "$root/bin/arm64/localservice" ;;
  esac
}

# Prints the names of the links, one per line: s6-NAME and NAME of every role, as --install makes them. All architectures have the same roles.
link_names() {
  "$executable" --describe | awk -F '\t' '$1 == "role" { print $3; if ($2 != "sudo") print $2 }' | LC_ALL=C sort
}

# Prints the names of the links that begin with s6.
s6_names() { link_names | grep '^s6'; }

# Fills a directory with the files that every kind of package has besides the executable: documents, examples of units and services, manual pages and
# completions.
stage_documents() {
  local target=$1 part
  mkdir -p "$target"
  cp "$root/README.md" "$root/LICENSE" "$target/"
  cp -R "$root/doc" "$target/doc"
  for part in man completions; do
    [ ! -d "$root/bin/$part" ] || cp -R "$root/bin/$part" "$target/$part"
  done
  for part in systemd s6 s6-rc s6-overlay runit openrc compose apparmor; do
    [ ! -d "$packaging/$part" ] || { mkdir -p "$target/examples" && cp -R "$packaging/$part" "$target/examples/$part"; }
  done
  # Independent of the umask.
  chmod -R u=rwX,go=rX "$target"
}

# Calls tar on a directory so that the bytes of the archive depend on nothing but names, modes and contents. Further arguments are for tar.
archive() {
  local folder=$1 owner=$2
  shift 2
  LC_ALL=C tar --directory "$folder" --format=ustar --sort=name --mtime="@$(source_date)" --owner="$owner" --group="$owner" --numeric-owner "$@"
}

# Writes the checksums of all artifacts, for `sha256sum -c`.
write_checksums() {
  (cd "$packages" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -r -d '\n' sha256sum >SHA256SUMS)
}
