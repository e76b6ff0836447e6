using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// Remembers of each dependency what was last amiss with it, also when it is well again. It hears of every look at /health,
/// and looks itself every few seconds, which costs nothing: checks tell what is known already.
/// </summary>
internal sealed class HealthHistory(TimeProvider time) : IHealthCheckPublisher
{
    /// <summary>How often it looks; what comes and goes in between is not seen.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, LastError> _errors = new();

    /// <summary>What was last amiss with a dependency; null where nothing was since the start.</summary>
    public LastError? ErrorOf(string dependency) => _errors.GetValueOrDefault(dependency);

    /// <summary>Takes in what the checks say now.</summary>
    public void Note(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            if (entry.Status != HealthStatus.Healthy)
            {
                _errors[name] = new LastError(entry.Description ?? entry.Exception?.GetType().Name ?? "not healthy", time.GetUtcNow());
            }
        }
    }

    /// <inheritdoc/>
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        Note(report);
        return Task.CompletedTask;
    }

    /// <summary>Something that was amiss.</summary>
    /// <param name="Message">What.</param>
    /// <param name="At">When it was seen last.</param>
    public sealed record LastError(string Message, DateTimeOffset At);
}
