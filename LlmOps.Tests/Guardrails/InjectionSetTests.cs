using System.Text.Json;
using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Tests.Guardrails;

/// <summary>The labelled set of the benchmark: what is caught of it, and what of it is caught wrongly.</summary>
public sealed class InjectionSetTests
{
    private const double LeastPrecision = 0.99;
    private const double LeastRecall = 0.85;

    private static readonly InjectionDetector Detector = new();

    [Fact]
    public void LabelledSet_IsLargeAndVaried()
    {
        var (attacks, benign) = (Read("attacks.jsonl"), Read("benign.jsonl"));

        attacks.Count.ShouldBeGreaterThanOrEqualTo(220);
        benign.Count.ShouldBeGreaterThanOrEqualTo(330);
        attacks.Concat(benign).Select(text => text.Words).ShouldBeUnique();
        attacks.Count(text => text.Split == "held-out").ShouldBeGreaterThanOrEqualTo(80);
        benign.Count(text => text.Split == "held-out").ShouldBeGreaterThanOrEqualTo(120);
        attacks.Select(text => text.Language).Distinct().Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public void LabelledSet_IsJudgedPreciselyEnough()
    {
        var caught = Read("attacks.jsonl").Where(IsAttack).ToList();
        var wrong = Read("benign.jsonl").Where(IsAttack).ToList();

        (caught.Count / (double)(caught.Count + wrong.Count)).ShouldBeGreaterThanOrEqualTo(LeastPrecision, string.Join('\n', wrong.Select(text => text.Words)));
    }

    [Theory]
    [InlineData("held-out")]
    [InlineData("tuning")]
    public void OfEitherSplit_EnoughIsCaught(string split)
    {
        var attacks = Read("attacks.jsonl").Where(text => text.Split == split).ToList();

        var missed = attacks.Where(text => !IsAttack(text)).ToList();

        (1 - (missed.Count / (double)attacks.Count)).ShouldBeGreaterThanOrEqualTo(LeastRecall, string.Join('\n', missed.Select(text => text.Words)));
    }

    private static bool IsAttack(LabelledText text) => Detector.Score(text.Words).IsAttack;

    private static List<LabelledText> Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)).Select(line => JsonElement.Parse(line)).Select(text => new LabelledText(
            text.GetProperty("text").GetString()!, text.GetProperty("lang").GetString()!, text.GetProperty("split").GetString()!)),
    ];

    private sealed record LabelledText(string Words, string Language, string Split);
}
