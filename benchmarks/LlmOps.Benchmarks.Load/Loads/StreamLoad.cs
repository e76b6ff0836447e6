using System.Diagnostics;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>Load of streams: so many callers, each of which asks for the next stream when the last one ended.</summary>
internal static class StreamLoad
{
    /// <summary>Runs the callers; streams that have begun within the time are read to their end.</summary>
    public static async Task<StreamFigures> RunAsync(RunningSubject subject, int callers, TimeSpan time, CancellationToken cancellationToken)
    {
        var request = subject.Request(Payload.StreamBody());
        var begun = Stopwatch.GetTimestamp();
        var ended = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync(subject.Port, request, begun, time, cancellationToken)));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var readers = ended.Select(caller => caller.Events).ToList();
        double[] transits = [.. readers.SelectMany(reader => reader.Transits).Order()];
        return new StreamFigures(
            ended.Sum(caller => caller.Complete),
            ended.Sum(caller => caller.Incomplete),
            seconds,
            [.. readers.SelectMany(reader => reader.FirstMarks).Order()],
            transits,
            (double)readers.Sum(reader => reader.Alone) / transits.Length);
    }

    private static async Task<(EventReader Events, int Complete, int Incomplete)> CallAsync(
        int port, byte[] request, long begun, TimeSpan time, CancellationToken cancellationToken)
    {
        var events = new EventReader();
        var (complete, incomplete) = (0, 0);
        using var caller = new Caller(port);
        do
        {
            var (end, _) = await caller.StreamAsync(request, events, cancellationToken);
            (complete, incomplete) = end == StreamEnd.Complete ? (complete + 1, incomplete) : (complete, incomplete + 1);
            if (end != StreamEnd.Complete)
            {
                // A server that refuses at once must not be flooded for it.
                await Task.Delay(100, cancellationToken);
            }
        }
        while (Stopwatch.GetElapsedTime(begun) < time);
        return (events, complete, incomplete);
    }
}
