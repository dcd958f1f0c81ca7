using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary><c>localservice --install</c>: everything or nothing.</summary>
public sealed class InstallTests
{
    // check DIR: tells whether a directory holds the whole installation and nothing else.
    private const string Check = """
        check() {
            { echo localservice; localservice --list | cut -d ' ' -f 1 | sed 'p; s/^/s6-/; s/^s6-lockd/s6lockd/' | grep -vx sudo; } | sort | diff - <(ls -A "$1" | sort) || return
            cmp "$1/localservice" "$(command -v localservice)" || return
            for link in "$1"/*; do
                case $link in
                    */localservice) [ ! -L "$link" ] && [ -x "$link" ] ;;
                    *) [ "$(readlink "$link")" = localservice ] ;;
                esac || return
            done
            echo "$1 is whole"
        }

        """;

    [Fact]
    public void Copies_the_executable_and_links_every_name() => Script.Expect(
        Check +
        """
        localservice --install new
        check new
        mkdir existing
        echo text >existing/other
        localservice --install existing/
        cat existing/other
        rm existing/other
        check existing
        mv existing moved
        PATH=$PWD/moved:$PATH
        serve sock cat
        echo hello | s6-ipcclient sock ioconnect
        """,
        """
        new is whole
        text
        existing is whole
        hello
        """);

    [Fact]
    public void Leaves_the_name_sudo_to_the_program_that_everybody_knows_by_it() => Script.Expect(
        """
        mkdir d
        echo another >d/sudo
        localservice --install --replace d
        cat d/sudo
        ls d | grep sudo
        """,
        """
        another
        s6-sudo
        s6-sudoc
        s6-sudod
        sudo
        sudoc
        sudod
        """);

    [Fact]
    public void Short_names_and_roles_can_be_left_out() => Script.Expect(
        """
        localservice --install --short=no long
        ls -A long | grep -v '^s6'
        ls -A long | wc -l | grep -qx $(($(localservice --list | wc -l) + 1)) && echo one for each role
        localservice --install --only=s6-connlimit,ipcclient,connlimit,sudo few
        echo few/*
        localservice --install --short=no --only=ioconnect --replace few
        echo few/*
        """,
        """
        localservice
        one for each role
        few/connlimit few/ipcclient few/localservice few/s6-connlimit few/s6-ipcclient few/s6-sudo
        few/connlimit few/ipcclient few/localservice few/s6-connlimit few/s6-ioconnect few/s6-ipcclient few/s6-sudo
        """);

    [Fact]
    public void A_role_that_there_is_not_installs_nothing() => Script.Expect(
        """
        localservice --install --only=ipcclient,conlimit d || echo $?
        localservice --install --only=ipcclient,,connlimit d || echo $?
        ls -A
        """,
        """
        100
        100
        """,
        """
        localservice: fatal: unknown role: conlimit; did you mean connlimit?
        localservice: fatal: unknown role: ; see localservice --list
        """);

    [Fact]
    public void Again_changes_nothing_that_a_user_sees() => Script.Expect(
        Check +
        """
        localservice --install d
        find d -type l -printf '%f %i %T@\n' | sort >before
        localservice --install d
        new=$PWD/d/localservice
        $new --install d
        find d -type l -printf '%f %i %T@\n' | sort | diff before - && echo same links
        check d
        (cd d && ./localservice --install .)
        check d
        """,
        """
        same links
        d is whole
        d is whole
        """);

    [Fact]
    public void An_earlier_version_is_replaced_while_it_runs() => Script.Expect(
        Check +
        """
        localservice --install d
        printf x >>d/localservice
        SERVER=d/s6-ipcserver PATH=$PWD/d:$PATH serve sock s6-ipcserver-access -v 0 echo hello
        rm d/connlimit
        localservice --install d
        check d
        s6-ipcclient sock s6-ioconnect
        """,
        """
        d is whole
        hello
        """);

    [Fact]
    public void Foreign_files_stay_unless_the_user_says_otherwise() => Script.Expect(
        Check +
        """
        mkdir d
        echo mine >d/s6-connlimit
        ln -s /bin/true d/ipcclient
        localservice --install d || echo $?
        (cd d && echo * && readlink ipcclient && cat s6-connlimit)
        localservice --install --replace d
        check d
        """,
        """
        100
        ipcclient s6-connlimit
        /bin/true
        mine
        d is whole
        """,
        "localservice: fatal: d/s6-connlimit exists and is not part of an installation; use --replace to overwrite it");

    [Fact]
    public void A_directory_in_the_way_is_never_removed() => Script.Expect(
        """
        mkdir -p d/ipcserver/sub
        localservice --install d || echo $?
        localservice --install --replace d || echo $?
        find d | sort
        """,
        """
        111
        111
        d
        d/ipcserver
        d/ipcserver/sub
        """,
        """
        localservice: fatal: unable to replace d/ipcserver: Is a directory
        localservice: fatal: unable to replace d/ipcserver: Is a directory
        """);

    [Fact]
    public void Where_nothing_can_be_made_nothing_is() => Script.Expect(
        """
        mkdir theirs
        touch file
        ln -s nowhere dangling
        for target in theirs theirs/new missing/new file dangling; do
            as1000 localservice --install $target || echo $?
        done
        find . ! -name . | sort
        """,
        """
        111
        111
        111
        111
        111
        ./dangling
        ./file
        ./theirs
        """,
        """
        localservice: fatal: unable to make a directory in theirs: Permission denied
        localservice: fatal: unable to make directory theirs/new: Permission denied
        localservice: fatal: unable to make directory missing/new: No such file or directory
        localservice: fatal: unable to open directory file: Not a directory
        localservice: fatal: unable to open directory dangling: No such file or directory
        """);

    [Fact]
    public void A_full_or_read_only_file_system_is_left_as_it_was() => Script.Expect(
        """
        cat >inside <<'END'
        mkdir small few readonly
        mount -t tmpfs -o size=64k none small
        mount -t tmpfs -o nr_inodes=12 none few
        mount -t tmpfs -o ro none readonly
        for target in small small/new few few/new readonly readonly/new; do
            localservice --install $target 2>error
            echo "$target: $? $(sed 's/.*: //' error), $(ls -A ${target%/new} | wc -l) files"
        done
        mount -o remount,nr_inodes=1000 few
        localservice --install few
        cp -a few/localservice old
        printf x >>few/localservice
        rm few/connlimit
        names=$((2 * $(localservice --list | wc -l)))
        mount -o remount,nr_inodes=$((names + 2)) few
        localservice --install few 2>/dev/null
        echo "full again: $?, $((names - $(ls -A few | wc -l))) missing, $(cmp old few/localservice 2>&1 | wc -l) difference"
        END
        unshare --mount bash inside
        """,
        """
        small: 111 No space left on device, 0 files
        small/new: 111 No space left on device, 0 files
        few: 111 No space left on device, 0 files
        few/new: 111 No space left on device, 0 files
        readonly: 111 Read-only file system, 0 files
        readonly/new: 111 Read-only file system, 0 files
        full again: 111, 1 missing, 1 difference
        """);

    [Fact]
    public void In_an_empty_chroot_it_installs_itself() => Script.Expect(
        Check +
        """
        mkdir root
        cp "$(command -v localservice)" root/start
        chroot root /start localservice 2>/dev/null || echo $?
        mv root/start root/localservice
        chroot root /localservice --install /bin
        check root/bin
        chroot root /bin/localservice --install /bin
        check root/bin
        chroot root /bin/s6-ipcclient --help | head -n 1 | cut -d ' ' -f 2
        """,
        """
        100
        root/bin is whole
        root/bin is whole
        s6-ipcclient
        """);

    [Fact]
    public void The_modes_are_those_of_programs() => Script.Expect(
        """
        for mask in 022 077 000; do
            umask $mask
            localservice --install d$mask
            stat -c %a d$mask d$mask/localservice
        done | paste -s -d ' '
        """,
        "755 755 700 755 777 755");

    [Fact]
    public void A_signal_in_the_middle_leaves_all_or_nothing() => Script.Expect(
        Check +
        """
        cat >interrupt.py <<'END'
        import os, random, shutil, signal, subprocess, time
        program = shutil.which("localservice")
        whole = 2 * len(subprocess.check_output([program, "--list"]).splitlines())
        dice = random.Random(3)
        for number in range(60):
            process = subprocess.Popen([program, "--install", "d"])
            time.sleep(dice.random() * 0.004)
            process.send_signal(dice.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            process.wait()
            names = len(os.listdir("d")) if os.path.exists("d") else 0
            assert names in (0, whole), names
            if dice.random() < 0.7:
                shutil.rmtree("d", ignore_errors=True)
        END
        python3 interrupt.py
        localservice --install d
        check d
        """,
        "d is whole");

    [Fact]
    public void A_kill_in_the_middle_leaves_no_name_that_does_not_work() => Script.Expect(
        Check +
        """
        cat >interrupt.py <<'END'
        import os, random, shutil, signal, subprocess, time
        program = shutil.which("localservice")
        whole = open(program, "rb").read()
        dice = random.Random(4)
        for number in range(60):
            process = subprocess.Popen([program, "--install", "d"])
            time.sleep(dice.random() * 0.004)
            process.kill()
            process.wait()
            for name in os.listdir("d") if os.path.exists("d") else []:
                if not name.startswith("."):
                    assert open("d/" + name, "rb").read() == whole, name
            if dice.random() < 0.5:
                shutil.rmtree("d", ignore_errors=True)
        END
        python3 interrupt.py
        localservice --install d
        rm -rf d/.localservice*
        check d
        """,
        "d is whole");

    [Fact]
    public void Several_at_once_do_no_harm() => Script.Expect(
        Check +
        """
        for i in {1..8}; do
            localservice --install d 2>/dev/null & installers+=($!)
        done
        wait "${installers[@]}"
        localservice --install d
        check d
        """,
        "d is whole");
}
