using Xunit;

namespace LocalService.Tests.EndToEnd.Events;

/// <summary>Faults around event notification, accidental or deliberate.</summary>
public sealed class EventFaultTests
{
    [Fact]
    public void Mutated_commands_are_answered_or_end_their_session() => Script.Expect("""
        s6-mkfifodir D
        mkdir L
        mutate_commands.py 7 100000
        rm -r L # with names that are no text
        """, "100000 True True");

    [Fact]
    public void Nine_thousand_subscriptions_are_served() => Script.Expect("""
        ulimit -n 20000
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print({s.ask(subscribe2(i, "D", "x")) for i in range(9000)}, len(fifos("D")))
        print({s.ask(unsubscribe2(i)) for i in range(0, 9000, 2)}, len(fifos("D")))
        notify("D", "x")
        print(len({s.event() for i in range(4500)}), fifos("D"), len(os.listdir(f"/proc/{s.process.pid}/fd")), s.end())
        END
        """, """
        {'00000000'} 9000
        {'00000000'} 4500
        4500 [] 6 0
        """);

    [Fact] // 28
    public void Running_out_of_descriptors_is_an_answer() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("sh", "-c", "ulimit -n 64; exec s6-ftrigrd", before=EVENTS1)
        answers = [s.ask(subscribe1(i, "D", "x")) for i in range(40)]
        print(answers.count("00") >= 28, set(answers[30:]), len(fifos("D")) == answers.count("00"))
        print(s.ask(unsubscribe1(0)), s.ask(subscribe1(50, "D", "x")))
        END
        """, """
        True {'18'} True
        00 00
        """);

    [Fact] // 23
    public void What_a_killed_daemon_leaves_is_removed_by_cleaning_and_by_notifying() => Script.Expect("""
        s6-mkfifodir D
        for remover in 's6-cleanfifodir D' 's6-ftrig-notify D z'; do
            speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.ask(subscribe2(1, "D", "x"))
        s.process.kill()
        s.exit_code()
        print(len(fifos("D")))
        END
            $remover
            ls -A D | wc -l
        done
        """, """
        1
        0
        1
        0
        """);

    [Fact] // 22
    public void A_listener_of_another_user_is_notified_by_the_owner() => Script.Expect("""
        as1000 s6-mkfifodir D
        setpriv --reuid 1001 --regid 1001 --clear-groups s6-ftrig-wait -t 20000 D a & waiting=$!
        until_true has_fifo D
        as1000 s6-ftrig-notify D a
        wait $waiting
        """, "a");

    [Fact]
    public void A_fifodir_that_vanishes_or_is_replaced_by_a_link_harms_nobody() => Script.Expect("""
        s6-mkfifodir D
        mkdir E
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(s.ask(subscribe2(1, "D", "x")))
        os.rename("D", "gone")
        os.symlink("E", "D")
        open(os.path.join("E", "file"), "w").close()
        print(s.ask(unsubscribe2(1)), os.listdir("E"), s.ask(subscribe2(2, "missing", "x")), s.end())
        END
        """, """
        00000000
        00000000 ['file'] 00000002 0
        """);

    [Fact]
    public void Pathological_expressions_take_no_time() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        for before, subscribe in ((EVENTS1, subscribe1), (EVENTS2, subscribe2)):
            s = Session.spawn("s6-ftrigrd", before=before)
            answer = s.ask(subscribe(1, "D", "(a*)*(a|aa)*(a?){30}b", repeat=True))
            for i in range(20):
                notify("D", "a" * 4000)
            notify("D", "b")
            print(answer, s.event() != "nothing", s.end())
        END
        """, """
        00 True 0
        00000000 True 0
        """);
}
