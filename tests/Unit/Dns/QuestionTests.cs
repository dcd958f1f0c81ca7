using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit.Dns;

/// <summary>One question on its way from server to server, with simulated times. Specification "dns", B5 to B7, B24 to B27.</summary>
public sealed class QuestionTests
{
    private static readonly byte[] name = [1, (byte)'a', 4, .. "test"u8, 0];

    [Theory]
    [InlineData(1, "0@0 0@1000 0@3000 0@7000 end@15000")]
    [InlineData(2, "0@0 1@1000 0@2000 1@4000 0@6000 1@10000 0@14000 end@20000")]
    public void Silent_servers_are_tried_in_rounds(int servers, string expected)
    {
        ServerTable table = Servers(servers);
        Question question = default;
        var steps = new List<string>();
        long now = 0;
        QuestionStep step = question.Start(ref table, name, RecordType.A, QueryFlags.RecursionDesired, now);
        while (step == QuestionStep.SendUdp)
        {
            steps.Add($"{question.Server}@{now}");
            question.BeginTry(table, tcp: false, 1, 0, now);
            now = question.Deadline;
            step = question.TimePassed(ref table, now);
        }
        Assert.Equal(QuestionStep.Finish, step);
        Assert.Equal(expected, string.Join(' ', steps) + $" end@{now}");
        Assert.Equal(libc.ENETUNREACH, question.Error.Number);
    }

    [Fact]
    public void A_server_that_fails_is_asked_again_after_a_pause_and_once()
    {
        ServerTable table = Servers(1);
        Question question = Begun(ref table, 0);
        Assert.Equal(QuestionStep.Wait, question.Receive(ref table, Answer(question, 2), true, false, 5));
        Assert.True(question.IsPausing);
        Assert.Equal(1000, question.Deadline);
        Assert.Equal(QuestionStep.SendUdp, question.TimePassed(ref table, 1000));
        question.BeginTry(table, false, 7, 0, 1000);
        Assert.Equal(QuestionStep.Finish, question.Receive(ref table, Answer(question, 2), true, false, 1005));
        Assert.Equal(libc.EBUSY, question.Error.Number);
    }

    [Fact]
    public void Ten_wrong_answers_lead_to_TCP()
    {
        ServerTable table = Servers(1);
        Question question = Begun(ref table, 0);
        byte[] wrong = Answer(question, 0);
        wrong[0] ^= 1;
        for (int i = 1; i < 10; i++)
            Assert.Equal(QuestionStep.Wait, question.Receive(ref table, wrong, true, false, 1));
        Assert.Equal(QuestionStep.SendTcp, question.Receive(ref table, wrong, true, false, 1));
    }

    [Fact]
    public void The_answer_has_the_case_of_the_question()
    {
        ServerTable table = Servers(1);
        Question question = default;
        _ = question.Start(ref table, name, RecordType.A, QueryFlags.RecursionDesired, 0);
        question.BeginTry(table, tcp: false, 1, ulong.MaxValue, 0);
        byte[] answer = Answer(question, 0);
        Assert.Equal((byte)'A', answer[13]);
        Assert.Equal(QuestionStep.Finish, question.Receive(ref table, answer, true, false, 1));
        Assert.Equal(name, answer[12..(12 + name.Length)]);
        Assert.False(question.Error.Failed);
    }

    [Fact]
    public void What_a_truncating_server_is_is_asked_first_over_TCP_and_then_the_others()
    {
        ServerTable table = Servers(3);
        Question question = Begun(ref table, 0);
        _ = question.TimePassed(ref table, 1000);
        Assert.Equal(1, question.Server);
        question.BeginTry(table, false, 1, 0, 1000);
        byte[] truncated = Answer(question, 0);
        truncated[2] |= 2;
        Assert.Equal(QuestionStep.SendTcp, question.Receive(ref table, truncated, true, false, 1001));
        var order = new List<int>();
        for (QuestionStep step = QuestionStep.SendTcp; step == QuestionStep.SendTcp; step = question.Fail(ref table, 1002))
            order.Add(question.Server);
        Assert.Equal([1, 2, 0], order); // server 0 failed a second ago
    }

    [Fact]
    public void A_question_survives_a_new_list_of_servers()
    {
        ServerTable table = Servers(2);
        Question question = Begun(ref table, 0);
        ServerTable changed = table;
        Load(ref changed, 3);
        Assert.Equal(QuestionStep.SendUdp, question.TimePassed(ref changed, 1000));
        Assert.Equal(0, question.Server);
    }

    [Fact]
    public void Whatever_comes_it_ends() => Properties.ForAll(Properties.List(Gen.Choose(0, 9), 200), events =>
    {
        ServerTable table = Servers(3);
        Question question = default;
        long now = 0;
        QuestionStep step = question.Start(ref table, name, RecordType.A, QueryFlags.RecursionDesired, now);
        foreach (int chosen in events.Concat(Enumerable.Repeat(9, 100)))
        {
            if (step == QuestionStep.Finish)
                break;
            bool tcp = step == QuestionStep.SendTcp;
            if (step != QuestionStep.Wait)
                question.BeginTry(table, tcp, (ushort)chosen, (ulong)chosen, now);
            byte[] answer = Answer(question, chosen % 6);
            if (chosen == 6)
                answer[2] |= 2;
            if (chosen == 7)
                answer[0] ^= 1;
            if (chosen == 9)
                now = question.Deadline;
            step = chosen switch
            {
                9 => question.TimePassed(ref table, now),
                8 => question.Fail(ref table, now),
                _ => question.IsPausing ? QuestionStep.Wait : question.Receive(ref table, answer, true, tcp, now),
            };
        }
        Assert.Equal(QuestionStep.Finish, step);
        Assert.InRange(now, 0, Question.MostMilliseconds);
    });

    [Fact]
    public unsafe void DeadlinesComeInTheirOrder() => Properties.ForAll(Properties.List(Gen.Zip(Gen.Choose(0, 19), Gen.Choose(-5, 50)), 100), changes =>
    {
        DeadlineHeap heap = default;
        byte[] memory = GC.AllocateArray<byte>((int)DeadlineHeap.SizeOf(20), pinned: true);
        heap.Open((byte*)Unsafe.AsPointer(ref memory[0]), 20);
        var model = new Dictionary<int, long>();
        foreach ((int number, int deadline) in changes)
        {
            if (deadline < 0)
            {
                heap.Remove(number);
                model.Remove(number);
            }
            else
            {
                heap.Set(number, deadline);
                model[number] = deadline;
            }
            Assert.Equal(model.Count > 0, heap.TryFirst(out int first, out long soonest));
            if (model.Count > 0)
                Assert.Equal((model.Values.Min(), model[first]), (soonest, soonest));
        }
    });

    private static Question Begun(ref ServerTable table, long now)
    {
        Question question = default;
        Assert.Equal(QuestionStep.SendUdp, question.Start(ref table, name, RecordType.A, QueryFlags.RecursionDesired, now));
        question.BeginTry(table, tcp: false, 1, 0, now);
        return question;
    }

    private static byte[] Answer(in Question question, int code)
    {
        byte[] packet = new byte[QueryWriter.Longest];
        int length = question.Write(packet);
        packet[2] |= 0x80;
        packet[3] = (byte)code;
        packet[11] = 0; // the query may have had an OPT record
        return packet[..Math.Min(length, 12 + name.Length + 4)];
    }

    private static ServerTable Servers(int count)
    {
        ServerTable table = default;
        Load(ref table, count);
        return table;
    }

    private static void Load(ref ServerTable table, int count)
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        ResolvConf.ParseServers(string.Join(' ', Enumerable.Range(1, count).Select(number => $"10.0.0.{number}")).ToBytes(), ref configuration, new Diagnostics("x"u8));
        table.Load(configuration);
    }
}
