using System;
using Xunit;

namespace LocalService.Tests.EndToEnd.Packaging;

/// <summary>
/// The results of <c>./build.sh package</c> from the existing executables. Each kind of package is made twice, with the same bytes, and then used
/// with the tools that it is for.
/// </summary>
public sealed class PackageTests
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(10);

    // package KIND: makes it in first/, then in second/ with another umask and from another directory, and compares. VERSION is the product's.
    private static string Packages => $$"""
        build={{Repository.PathOf("build.sh")}}
        VERSION=$(localservice --version | cut -d ' ' -f 2)
        HERE=$PWD
        package() {
            $build package "$1" --arch "${2:-amd64}" --no-build --output first 2>log || cat log >&2
            (umask 077 && cd / && exec 2>/dev/null && TZ=Asia/Tokyo $build package "$1" --arch "${2:-amd64}" --no-build --output "$HERE/second")
            diff -r first second && echo "the same twice"
            (cd first && sha256sum --quiet -c SHA256SUMS) || echo "wrong checksums"
        }
        lint() { lintian --fail-on none --allow-root first/*.deb 2>&1; }

        """;

    [Fact]
    public void A_step_that_fails_ends_the_making() => Script.Expect(
        Packages +
        """
        mkdir bin
        printf '#!/bin/sh\nexit 7\n' >bin/python3
        chmod +x bin/python3
        PATH=$PWD/bin:$PATH $build package tarball --arch amd64 --no-build --output first 2>/dev/null; echo $?
        find first -type f
        """,
        "7");

    [Fact]
    public void An_archive_tells_what_is_in_it_installs_and_uninstalls_itself() => Script.Expect(
        Packages +
        """
        package tarball
        python3 - first/*.cdx.json <<'END'
        import json, sys
        bill = json.load(open(sys.argv[1]))
        print(bill["bomFormat"], bill["metadata"]["component"]["name"], sorted(part["name"] for part in bill["components"]))
        known = {bill["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in bill["components"])}
        assert all({entry["ref"], *entry["dependsOn"]} <= known for entry in bill["dependencies"])
        assert all(part["version"] not in ("", "unknown") and part["licenses"] for part in bill["components"])
        END
        tar xzf first/localservice-$VERSION-amd64.tar.gz
        cd localservice-$VERSION-amd64
        make -s install PREFIX=/usr DESTDIR="$PWD/root"
        (cd root/usr && echo bin/s6-ipcclient share/doc/*)
        root/usr/bin/s6-ipcclient --help | head -n 1 | cut -d ' ' -f 2
        diff <(ls -A root/usr/bin) <(localservice --install all && ls -A all) && echo "the names of --install"
        make -s install PREFIX=/usr DESTDIR="$PWD/root" && echo again
        make -s uninstall PREFIX=/usr DESTDIR="$PWD/root"
        find root -type f -o -type l
        mkdir -p small/usr/local/bin && echo mine >small/usr/local/bin/s6-ipcclient
        make -s install DESTDIR="$PWD/small" SHORT=no 2>&1 | sed "s:$PWD/::; s/^make:.*] Error/Error/"
        find small -type f -o -type l
        rm small/usr/local/bin/s6-ipcclient
        make -s install DESTDIR="$PWD/small" SHORT=no
        ls small/usr/local/bin | grep -v ^s6
        """,
        """
        the same twice
        CycloneDX localservice ['Tmds.LibC', 'musl']
        bin/s6-ipcclient share/doc/localservice
        s6-ipcclient
        the names of --install
        again
        small/usr/local/bin/s6-ipcclient exists and is not part of an installation
        Error 100
        small/usr/local/bin/s6-ipcclient
        localservice
        """,
        limit: limit);

    /// <summary>Runs in a small Debian from <c>./build.sh test</c>; every change to it is undone with the test.</summary>
    [Fact]
    public void Debian_packages_come_and_go_beside_s6_of_Debian() => Script.Expect(
        Packages +
        $"""
        base={Repository.PathOf("obj", "chroot")}

        """ +
        """
        package deb
        lint
        # The same with a higher version and without one of the names: an upgrade.
        for name in localservice localservice-s6; do
            dpkg-deb -R first/${name}_$VERSION-1_amd64.deb work
            sed -i "s/$VERSION-1/$VERSION-2/" work/DEBIAN/control
            if [ -d work/usr/lib ]; then rm work/usr/lib/localservice/bin/*connlimit; else rm work/usr/bin/s6-connlimit; sed -i 's/ s6-connlimit / /' work/DEBIAN/p*; fi
            dpkg-deb --root-owner-group -b work first/$name.2.deb >/dev/null
            rm -r work
        done
        cat >first/inside <<'END'
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
        whose() { for name; do readlink /usr/bin/$name >/dev/null && echo "$name ours" || { /usr/bin/$name -h >/dev/null 2>&1; [ $? = 127 ] && echo "$name missing" || echo "$name of s6"; }; done; }
        exec 3>&1 >/tmp/log 2>&1
        report() { "$@" >&3; }
        foreign() { dpkg -i /var/cache/apt/archives/{libskarnet,libexecline,libs6}*.deb /var/cache/apt/archives/s6_*.deb; }
        dpkg -i /first/localservice_*amd64.deb
        /usr/lib/localservice/bin/ipcclient --help | cut -d ' ' -f 2 | head -n 1 >&3
        foreign
        report whose s6-ipcserver s6-connlimit s6-svscan
        dpkg -i /first/localservice-s6_*amd64.deb
        report whose s6-ipcserver s6-connlimit s6-svscan s6-tcpserver
        mkfifo ready
        s6-ipcserver -1 /run/socket cat >ready & read -r _ <ready
        echo hello | s6-ipcclient /run/socket s6-ioconnect >&3
        kill $!
        dpkg -i /first/*.2.deb
        report echo upgraded
        report whose s6-ipcserver s6-connlimit
        report dpkg-divert --list 's6-connlimit*'
        dpkg -r s6
        report whose s6-ipcserver s6-connlimit
        dpkg -r localservice-s6
        report whose s6-ipcserver
        dpkg -i /first/localservice-s6.2.deb
        foreign
        report whose s6-ipcserver
        dpkg -P localservice-s6
        report whose s6-ipcserver s6-connlimit
        dpkg -P localservice
        report dpkg-divert --list '*localservice*'
        report find / -xdev -name '*localservice*' -not -path '/first*' -not -path '/var/*' -not -path '/proc/*'
        report find /usr/bin -name '*.diverted'
        dpkg --audit >&3
        grep -iE '^(dpkg|warning|error)' /tmp/log >&3
        END
        mkdir changes
        unshare --mount --pid --fork bash -c '
            mount -t tmpfs none changes && mkdir changes/{upper,work,root} &&
            mount -t overlay -o "lowerdir=$1,upperdir=changes/upper,workdir=changes/work" none changes/root &&
            mount -t proc none changes/root/proc && cp -R first changes/root/first && exec chroot changes/root bash /first/inside' bash "$base"
        """,
        """
        the same twice
        s6-ipcclient
        s6-ipcserver of s6
        s6-connlimit of s6
        s6-svscan of s6
        s6-ipcserver ours
        s6-connlimit ours
        s6-svscan of s6
        s6-tcpserver ours
        hello
        upgraded
        s6-ipcserver ours
        s6-connlimit of s6
        s6-ipcserver ours
        s6-connlimit missing
        s6-ipcserver missing
        s6-ipcserver ours
        s6-ipcserver of s6
        s6-connlimit of s6
        """,
        limit: limit);

    [Fact]
    public void Debian_packages_for_arm64_have_its_executable() => Script.Expect(
        Packages +
        """
        package deb arm64
        lint
        dpkg-deb -f first/localservice_*.deb Architecture
        dpkg-deb --fsys-tarfile first/localservice_*.deb | tar x ./usr/bin/localservice
        # e_machine, elf(5).
        od -A n -t u2 -j 18 -N 2 usr/bin/localservice
        """,
        """
        the same twice
        arm64
           183
        """,
        limit: limit);

    [Fact]
    public void An_image_is_understood_unpacked_and_run() => Script.Expect(
        Packages +
        """
        package image
        layout=oci:first/localservice-$VERSION-image:$VERSION
        skopeo inspect "$layout" | python3 -c 'import json, sys; image = json.load(sys.stdin); print(image["Os"], image["Architecture"], len(image["Layers"]))'
        skopeo inspect --config "$layout" | python3 -c 'import json, sys; image = json.load(sys.stdin)["config"]; print(image["User"], image["Entrypoint"], image["Env"])'
        skopeo --insecure-policy copy -q "$layout" oci:copy:one
        umoci unpack --image copy:one bundle
        (cd bundle/rootfs && ls && stat -c '%n %u:%g %a' run/service bin bin/localservice && cat etc/passwd)
        cat >run <<'END'
        ready=$PWD/ready
        cd bundle/rootfs
        service() { chroot --userspec=65532:65532 . "$@"; }
        mkfifo "$ready"
        chroot --userspec=65532:65532 . /bin/ipcserver -1 -a 0666 /run/service/socket localservice --version >"$ready" & server=$!
        read -r _ <"$ready"
        service /bin/ipcclient -t 5000 /run/service/socket localservice --version | cut -d ' ' -f 1
        kill $server
        wait $server
        service /bin/ipcclient -t 5000 /run/service/socket localservice --version 2>/dev/null || echo "unhealthy: $?"
        END
        unshare --mount --pid --fork bash run
        cd bundle
        sed -i 's/"terminal": true/"terminal": false/; s/"--help"/"--version"/' config.json
        runc --root "$PWD/state" run "localservice-test-$$" | cut -d ' ' -f 1
        """,
        """
        the same twice
        linux amd64 1
        65532:65532 ['/bin/localservice'] ['PATH=/bin']
        bin
        etc
        run
        run/service 65532:65532 755
        bin 0:0 755
        bin/localservice 0:0 755
        root:x:0:0:root:/:/
        service:x:65532:65532:service:/run/service:/
        localservice
        unhealthy: 111
        localservice
        """,
        limit: limit);
}
