# ./build.sh package: makes the packages for distribution from bin/localservice (and bin/arm64/localservice) in bin/packages. Sourced by
# build.sh. Equal commits give equal bytes: every time in an artifact is that of the commit.
# shellcheck shell=bash disable=SC2154 # variables of build.sh

# shellcheck source=src/Packaging/common.sh
source "$packaging/common.sh"

# The numeric id that the image runs as: one that no distribution assigns.
image_user=65532
bill_tool_version=6.3.1

# ---- bill of materials -----------------------------------------------------------------------------------------------

# Writes the bill of materials in the CycloneDX format. A tool lists the NuGet packages; this adds what the tool can't know: the C library that is
# linked in and the compiler. It removes the tool's time and random number, which would make every bill different.
write_bill() {
  local target=$1 cache=$root/obj/bill tool=$root/obj/tools/dotnet-CycloneDX inputs
  inputs=$(cat "$root/Multicall.csproj" "$root/Directory.Build.props" "$root/src/CoreLib/Native.targets" "$packaging/bill.py" | sha256sum | cut -d ' ' -f 1)
  if [ ! -f "$cache/$inputs.json" ]; then
    say "listing what the executable is made of"
    [ -x "$tool" ] || dotnet tool install --tool-path "$root/obj/tools" CycloneDX --version $bill_tool_version >/dev/null
    mkdir -p "$cache"
    "$tool" "$root/Multicall.csproj" -o "$cache" -fn tool.json -F Json --no-serial-number --disable-package-restore >/dev/null
    mv "$cache/tool.json" "$cache/$inputs.json"
  fi
  python3 "$packaging/bill.py" "$cache/$inputs.json" "$(product_version)" "$(source_date)" \
    "$(dpkg-query -W -f '${Version}' musl-dev 2>/dev/null || echo unknown)" \
    "$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' "$root/src/CoreLib/Native.targets")" >"$target"
}

# ---- archive ---------------------------------------------------------------------------------------------------------

package_tarball() {
  local architecture=$1 name work
  name=localservice-$(product_version)-$architecture
  work=$scratch/tarball-$architecture
  stage_documents "$work/$name"
  cp "$(executable_for "$architecture")" "$work/$name/localservice"
  cp "$packaging/Makefile" "$work/$name/Makefile"
  link_names >"$work/$name/names"
  write_bill "$work/$name/sbom.cdx.json"
  chmod 644 "$work/$name"/{Makefile,names,sbom.cdx.json}
  chmod 755 "$work/$name/localservice"
  archive "$work" 0 --create "$name" | gzip -9n >"$packages/$name.tar.gz"
  cp "$work/$name/sbom.cdx.json" "$packages/$name.cdx.json"
  say "made $packages/$name.tar.gz"
}

# ---- Debian ----------------------------------------------------------------------------------------------------------

package_deb() {
  local architecture=$1 version work date
  version=$(product_version)-1
  work=$scratch/deb-$architecture/localservice
  date=$(LC_ALL=C date -u -R -d "@$(source_date)")
  stage_documents "$work/staged"
  cp -R "$packaging/debian" "$work/debian"
  cp "$(executable_for "$architecture")" "$work/staged/localservice"
  link_names >"$work/staged/names"
  s6_names >"$work/staged/s6-names"
  cat >"$work/debian/changelog" <<TEXT
localservice ($version) unstable; urgency=medium

  * Version $(product_version): see /usr/share/doc/localservice/changelog.gz.

 -- the localservice authors <localservice@localhost.localdomain>  $date
TEXT
  chmod 755 "$work/debian/rules"
  # The executable isn't built here, so there is nothing to strip and there are no libraries; see debian/rules.
  (cd "$work" && umask 022 && SOURCE_DATE_EPOCH=$(source_date) DEB_BUILD_OPTIONS=nocheck \
    dpkg-buildpackage --build=binary --no-sign --no-check-builddeps --host-arch "$architecture" >"$work.log" 2>&1) ||
    { cat "$work.log" >&2; return 1; }
  cp "${work%/*}"/*.deb "$packages/"
  say "made $packages/localservice_${version}_$architecture.deb and localservice-s6_${version}_$architecture.deb"
}

# ---- image -----------------------------------------------------------------------------------------------------------

# Stores a file in the layout under the hash of its contents, and prints that name.
store_blob() {
  local digest
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  mv "$1" "$layout/blobs/sha256/$digest"
  chmod 644 "$layout/blobs/sha256/$digest"
  printf '%s' "$digest"
}

size_of_blob() { stat -c %s "$layout/blobs/sha256/$1"; }

# Stores the manifest of an architecture with everything that it refers to, and prints its entry for the index.
store_manifest() {
  local architecture=$1 tree=$scratch/image-$architecture blob=$scratch/blob created layer config manifest uncompressed name
  created=$(date -u -d "@$(source_date)" +%Y-%m-%dT%H:%M:%SZ)
  mkdir -p "$tree"/{bin,etc,run/service}
  cp "$(executable_for "$architecture")" "$tree/bin/localservice"
  while read -r name; do ln -s localservice "$tree/bin/$name"; done < <(link_names)
  printf '%s\n' 'root:x:0:0:root:/:/' "service:x:$image_user:$image_user:service:/run/service:/" >"$tree/etc/passwd"
  printf '%s\n' 'root:x:0:' "service:x:$image_user:" >"$tree/etc/group"
  chmod 755 "$tree" "$tree"/{bin,etc,run,run/service,bin/localservice}
  chmod 644 "$tree"/etc/*
  # The directory for sockets belongs to the user that the image runs as.
  archive "$tree" 0 --create --exclude=run/service bin etc run >"$blob"
  archive "$tree" $image_user --append --file="$blob" run/service
  uncompressed=$(sha256sum "$blob" | cut -d ' ' -f 1)
  gzip -9n <"$blob" >"$blob.gz"
  layer=$(store_blob "$blob.gz")
  cat >"$blob" <<TEXT
{"created":"$created","architecture":"$architecture","os":"linux","config":{"User":"$image_user:$image_user","Env":["PATH=/bin"],"Entrypoint":["/bin/localservice"],"Cmd":["--help"],"WorkingDir":"/run/service","Labels":{"org.opencontainers.image.title":"localservice","org.opencontainers.image.version":"$(product_version)","org.opencontainers.image.licenses":"ISC"}},"rootfs":{"type":"layers","diff_ids":["sha256:$uncompressed"]},"history":[{"created":"$created","created_by":"./build.sh package image"}]}
TEXT
  config=$(store_blob "$blob")
  cat >"$blob" <<TEXT
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$(size_of_blob "$config")},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$(size_of_blob "$layer")}]}
TEXT
  manifest=$(store_blob "$blob")
  printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"platform":{"architecture":"%s","os":"linux"}}' \
    "$manifest" "$(size_of_blob "$manifest")" "$architecture"
}

# Makes an image layout in which one reference, the version, leads to a manifest for each architecture.
package_image() {
  local entries='' architecture index
  layout=$packages/localservice-$(product_version)-image
  rm -rf "$layout"
  mkdir -p "$layout/blobs/sha256"
  for architecture in "$@"; do entries=$entries${entries:+,}$(store_manifest "$architecture"); done
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}\n' "$entries" >"$scratch/blob"
  index=$(store_blob "$scratch/blob")
  printf '{"imageLayoutVersion":"1.0.0"}\n' >"$layout/oci-layout"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}\n' \
    "$index" "$(size_of_blob "$index")" "$(product_version)" >"$layout/index.json"
  say "made $layout"
}

# ---- all -------------------------------------------------------------------------------------------------------------

# Makes one kind of package, or all, for architectures whose executables exist.
package() {
  local kind=$1 architecture one kinds=(tarball deb image)
  shift
  [ "$kind" = all ] || kinds=("$kind")
  mkdir -p "$packages"
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory as it is now
  trap "rm -rf '$scratch'" EXIT
  for one in "${kinds[@]}"; do
    case $one in
      image) package_image "$@" ;;
      *) for architecture in "$@"; do "package_$one" "$architecture"; done ;;
    esac
  done
  write_checksums
}
