using System.Diagnostics;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Requests of which every fourth is a stream.</summary>
internal static class SinkLoad
{
    /// <summary>Requests a second.</summary>
    public const int Rate = 200;

    private const int OneStreamOf = 4;

    /// <summary>Sends them at that rate.</summary>
    public static SteadyLoad<SinkLoadAnswer> Of(RunningSubject gateway)
    {
        var (whole, stream) = (gateway.Request(Payload.Body(Payload.AtOnce)), gateway.Request(Payload.StreamBody(Payload.AtOnce, Payload.Model, gap: 1)));
        return new(gateway.Port, Rate, async (caller, number, limit) =>
        {
            var begun = Stopwatch.GetTimestamp();
            var isStream = number % OneStreamOf == 0;
            var failure = (Answer?)Answer.Broken;
            try
            {
                failure = isStream ? await StreamAsync(caller, stream, limit) : await caller.AskAsync(whole, limit) is { Status: not 200 } failed ? failed : null;
            }
            catch (OperationCanceledException)
            {
                // It was never answered, or nobody waits any more.
            }

            return new SinkLoadAnswer(isStream, failure, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        });
    }

    private static async Task<Answer?> StreamAsync(Caller caller, byte[] request, CancellationToken limit)
    {
        var (end, refusal) = await caller.StreamAsync(request, new EventReader(), limit);
        return end == StreamEnd.Complete ? null : refusal ?? Answer.Broken;
    }
}

/// <summary>What became of a request.</summary>
/// <param name="IsStream">Whether it was a stream.</param>
/// <param name="Failure">What came in place of an answer; null for nothing.</param>
/// <param name="Milliseconds">How long it took, to its end.</param>
internal sealed record SinkLoadAnswer(bool IsStream, Answer? Failure, double Milliseconds);
