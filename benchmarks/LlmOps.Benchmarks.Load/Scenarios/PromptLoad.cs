using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Runs a prompt at a fixed rate, whether or not earlier requests are answered, in front of an upstream that repeats what it is told.</summary>
internal sealed class PromptLoad(RunningSubject gateway, string prompt) : IDisposable
{
    /// <summary>Requests a second.</summary>
    public const int Rate = 200;

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<Caller> _idle = [];
    private readonly StallWatch _stalls = new();
    private int _number;

    /// <summary>The longest that the callers themselves were kept from running.</summary>
    public TimeSpan LongestStall => _stalls.Longest;

    /// <summary>Asks until it is over, and waits for what is still to be answered.</summary>
    public async Task<PromptAnswer[]> RunAsync(CancellationToken over, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var watched = CancellationTokenSource.CreateLinkedTokenSource(over, cancellationToken);
        var stalls = _stalls.RunAsync(watched.Token);
        List<Task<PromptAnswer>> asked = [];
        for (var begun = Stopwatch.GetTimestamp(); !watched.IsCancellationRequested;)
        {
            while (asked.Count <= Stopwatch.GetElapsedTime(begun).TotalSeconds * Rate)
            {
                asked.Add(AskAsync(++_number, limit.Token, cancellationToken));
            }

            await Task.Delay(1, cancellationToken);
        }

        limit.CancelAfter(LongestAnswer);
        var answers = await Task.WhenAll(asked);
        await stalls.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var caller in _idle)
        {
            caller.Dispose();
        }
    }

    private async Task<PromptAnswer> AskAsync(int number, CancellationToken limit, CancellationToken cancellationToken)
    {
        var request = gateway.Request($"/prompts/{prompt}/run", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""{"variables":{"number":"{{{number}}}"}}""")));
        var caller = _idle.TryTake(out var idle) ? idle : new Caller(gateway.Port);
        var from = Stopwatch.GetTimestamp();
        var answer = Answer.Broken;
        try
        {
            answer = await caller.AskAsync(request, limit, keepsBody: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was never answered.
        }

        var to = Stopwatch.GetTimestamp();
        _idle.Add(caller);
        return PromptAnswer.Of(answer, number, from, to);
    }
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
