using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Runs a prompt in front of an upstream that repeats what it is told.</summary>
internal static class PromptLoad
{
    /// <summary>Requests a second.</summary>
    public const int Rate = 200;

    /// <summary>Runs it at that rate.</summary>
    public static SteadyLoad<PromptAnswer> Of(RunningSubject gateway, string prompt) => new(gateway.Port, Rate, async (caller, number, limit) =>
    {
        var request = gateway.Request($"/prompts/{prompt}/run", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""{"variables":{"number":"{{{number}}}"}}""")));
        var from = Stopwatch.GetTimestamp();
        var answer = Answer.Broken;
        try
        {
            answer = await caller.AskAsync(request, limit, keepsBody: true);
        }
        catch (OperationCanceledException)
        {
            // It was never answered, or nobody waits any more.
        }

        return PromptAnswer.Of(answer, number, from, Stopwatch.GetTimestamp());
    });
}

/// <summary>What became of one request.</summary>
/// <param name="Answer">The answer, without its body where it is one.</param>
/// <param name="Version">The version that the gateway says it is of; 0 where it is no answer.</param>
/// <param name="Edit">The edit of that version's file that its text begins with; -1 where it begins with none.</param>
/// <param name="IsWhole">Whether its text is that edit from the beginning to the end, made for this request.</param>
/// <param name="From">When it was sent, as a timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="To">When its answer was there.</param>
internal sealed partial record PromptAnswer(Answer Answer, int Version, int Edit, bool IsWhole, long From, long To)
{
    /// <summary>Whether it is an answer at all.</summary>
    public bool IsAnswered => Answer.Status == 200;

    /// <summary>The milliseconds that it took.</summary>
    public double Milliseconds => Stopwatch.GetElapsedTime(From, To).TotalMilliseconds;

    /// <summary>Reads the answer to the request of a number.</summary>
    public static PromptAnswer Of(Answer answer, int number, long from, long to)
    {
        if (answer.Status != 200)
        {
            return new PromptAnswer(answer, 0, -1, false, from, to);
        }

        using var body = JsonDocument.Parse(answer.Body);
        var version = int.Parse(body.RootElement.GetProperty("prompt_version").GetString().AsSpan(1), CultureInfo.InvariantCulture);
        var said = body.RootElement.GetProperty("response").GetString()!;
        var edit = Beginning().Match(said) is { Success: true } begins ? int.Parse(begins.Groups["edit"].ValueSpan, CultureInfo.InvariantCulture) : -1;
        return new PromptAnswer(answer with { Body = [] }, version, edit, said.TrimEnd() == PromptEdits.Said(version, edit, $"{number}"), from, to);
    }

    [GeneratedRegex(@"^begin v\d+ edit (?<edit>\d+) ")]
    private static partial Regex Beginning();
}
