using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Moves a prompt's label on one replica after the other, and watches on all of them how soon it is in force.</summary>
internal sealed class LabelMoves : IDisposable
{
    private const int LongestRest = 200;

    // What takes longer is told as that.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly string _prompt;
    private readonly List<RunningSubject> _replicas;
    private readonly List<Administrator> _administrators;
    private readonly List<Caller> _callers;

    /// <param name="replicas">The gateways; they have two versions of the prompt.</param>
    /// <param name="prompt">The prompt.</param>
    public LabelMoves(List<RunningSubject> replicas, string prompt)
    {
        (_replicas, _prompt) = (replicas, prompt);
        _administrators = [.. replicas.Select(replica => new Administrator(replica.Port))];
        _callers = [.. replicas.Select(replica => new Caller(replica.Port))];
    }

    /// <summary>Moves it so many times, and returns of each move how soon it was answered, and in force on the slowest replica.</summary>
    public async Task<List<(TimeSpan Answered, TimeSpan Everywhere)>> RunAsync(int moves, CancellationToken cancellationToken)
    {
        List<(TimeSpan, TimeSpan)> seen = [];
        for (var move = -_replicas.Count; move < moves; move++)
        {
            var (replica, version) = ((move + _replicas.Count) % _replicas.Count, (move & 1) + 1);
            var begun = Stopwatch.GetTimestamp();
            var watches = Enumerable.Range(0, _replicas.Count).Select(each => WatchAsync(each, $"v{version}", begun, cancellationToken)).ToList();
            await _administrators[replica].MoveAsync(_prompt, version, cancellationToken);
            var answered = Stopwatch.GetElapsedTime(begun);
            var everywhere = (await Task.WhenAll(watches)).Max();

            // The first move of each replica is its own warm-up.
            if (move >= 0)
            {
                seen.Add((answered, everywhere));
            }

            // At whatever moment of what replicas do regularly.
            await Task.Delay(Random.Shared.Next(LongestRest), cancellationToken);
        }

        return seen;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _administrators.ForEach(administrator => administrator.Dispose());
        _callers.ForEach(caller => caller.Dispose());
    }

    private async Task<TimeSpan> WatchAsync(int replica, string version, long begun, CancellationToken cancellationToken)
    {
        var request = _replicas[replica].Request($"/prompts/{_prompt}/render", Encoding.ASCII.GetBytes("""{"variables":{"number":"1"}}"""));
        while (Stopwatch.GetElapsedTime(begun) < Longest)
        {
            var answer = await _callers[replica].AskAsync(request, cancellationToken, keepsBody: true);
            var took = Stopwatch.GetElapsedTime(begun);
            if (answer.Status != 200)
            {
                throw new BenchmarkException($"A replica answers /render with {answer.Status}: {Encoding.UTF8.GetString(answer.Body)}");
            }

            using var rendered = JsonDocument.Parse(answer.Body);
            if (rendered.RootElement.GetProperty("version").GetString() == version)
            {
                return took;
            }

            await Task.Delay(Glance, cancellationToken);
        }

        return Longest;
    }
}
