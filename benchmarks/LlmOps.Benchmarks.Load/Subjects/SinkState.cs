using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>What a gateway says in GET /health of a sink for its telemetry.</summary>
/// <param name="Name">The sink's name.</param>
/// <param name="Delivered">Events that the sink has taken.</param>
/// <param name="Dropped">Events that were dropped.</param>
/// <param name="Waiting">Events that wait in memory.</param>
/// <param name="Spooled">Bytes that wait on the disk.</param>
internal sealed partial record SinkState(string Name, long Delivered, long Dropped, long Waiting, long Spooled)
{
    /// <summary>Asks a gateway for all of its sinks.</summary>
    public static async Task<IReadOnlyList<SinkState>> AllOfAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health"), cancellationToken));
        return [.. health.RootElement.GetProperty("dependencies").EnumerateObject()
            .Select(dependency => (dependency.Name, Told: Counts().Match(dependency.Value.GetProperty("description").GetString() ?? "")))
            .Where(dependency => dependency.Told.Success)
            .Select(dependency => new SinkState(
                dependency.Name, Number(dependency.Told, "delivered"), Number(dependency.Told, "dropped"), Number(dependency.Told, "waiting"), Number(dependency.Told, "spooled")))];
    }

    private static long Number(Match told, string name) => long.Parse(told.Groups[name].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<delivered>\d+) events delivered, (?<dropped>\d+) dropped, (?<waiting>\d+) wait in memory, (?<spooled>\d+) bytes on the disk")]
    private static partial Regex Counts();
}
