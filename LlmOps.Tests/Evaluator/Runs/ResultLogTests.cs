using LlmOps.Evaluator;
using LlmOps.Evaluator.Results;
using LlmOps.Evaluator.Runs;

namespace LlmOps.Tests.Evaluator.Runs;

public sealed class ResultLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llmops-test-");

    private string LogPath => Path.Combine(_folder.FullName, "results", "prompt.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void WhatWasKept_IsThereAfterwards()
    {
        var score = new Score(0.5, "so-so") { Orders = new OrderedVerdicts(1, 0) };
        using (var log = ResultLog.Open(LogPath))
        {
            log.Add("a", Answer("first"));
            log.Add("a", Answer("über\nzwei 🎈"));
            log.Add("b", score);
            log.FindAnswer("a")!.Text.ShouldBe("über\nzwei 🎈");
        }

        using var again = ResultLog.Open(LogPath);

        (again.FindAnswer("a")! with { ToolCalls = [] }).ShouldBe(Answer("über\nzwei 🎈") with { ToolCalls = [] });
        again.FindScore("b").ShouldBe(score);
        again.FindAnswer("c").ShouldBeNull();
    }

    [Fact]
    public void LineThatAKilledProcessLeft_IsCutOff_AndWhatIsAddedStands()
    {
        using (var log = ResultLog.Open(LogPath))
        {
            log.Add("a", Answer("whole"));
            log.Add("b", Answer("torn"));
        }

        using (var file = new FileStream(LogPath, FileMode.Open))
        {
            file.SetLength(file.Length - 5);
        }

        using (var log = ResultLog.Open(LogPath))
        {
            log.FindAnswer("b").ShouldBeNull();
            log.Add("c", Answer("next"));
        }

        using var again = ResultLog.Open(LogPath);
        again.FindAnswer("a")!.Text.ShouldBe("whole");
        again.FindAnswer("c")!.Text.ShouldBe("next");
    }

    [Fact]
    public void LineThatIsNoResult_IsPassedOver()
    {
        using (var log = ResultLog.Open(LogPath))
        {
            log.Add("a", Answer("one"));
        }

        File.AppendAllBytes(LogPath, [0xff, 0xfe, (byte)'x', (byte)'\n']);
        using (var log = ResultLog.Open(LogPath))
        {
            log.Add("b", Answer("two"));
        }

        using var again = ResultLog.Open(LogPath);
        (again.FindAnswer("a")!.Text, again.FindAnswer("b")!.Text).ShouldBe(("one", "two"));
    }

    [Fact]
    public void RunWithoutEnd_IsUnfinished_UntilItEnds()
    {
        var mark = new RunMark("id", "plan", DateTimeOffset.UnixEpoch, IsFresh: true);
        using (var log = ResultLog.Open(LogPath))
        {
            log.Unfinished.ShouldBeNull();
            log.Begin(mark);
        }

        using (var log = ResultLog.Open(LogPath))
        {
            log.Unfinished.ShouldBe(mark);
            log.End(mark);
        }

        using var again = ResultLog.Open(LogPath);
        again.Unfinished.ShouldBeNull();
    }

    [Fact]
    public void SecondProcess_IsRefused()
    {
        using var log = ResultLog.Open(LogPath);

        Should.Throw<BadInputException>(() => ResultLog.Open(LogPath)).Message.ShouldContain("Another evaluation");
    }

    private static Answer Answer(string text) => new()
    {
        Text = text,
        ToolCalls = [],
        Model = "offline",
        Provider = "offline",
        FinishReason = "stop",
        LatencyMs = 1.5,
        InputTokens = 3,
        CostUsd = 0.000001m,
        RequestId = "r",
    };
}
