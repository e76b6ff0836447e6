using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests;

/// <summary>One logged event.</summary>
internal sealed record CollectedLog(string Category, LogLevel Level, string Message, IReadOnlyDictionary<string, object?> State, Exception? Exception);

/// <summary>Keeps what is logged, and lets a test wait for it.</summary>
internal sealed class CollectedLogs : ILoggerProvider
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<CollectedLog> _logs = new();
    private readonly SemaphoreSlim _added = new(0);

    public IReadOnlyCollection<CollectedLog> All => _logs;

    /// <summary>The lines of requests, each of which has an Outcome.</summary>
    public IEnumerable<CollectedLog> Requests => _logs.Where(log => log.State.ContainsKey("Outcome"));

    /// <summary>The first event that meets the condition, when it comes.</summary>
    public async Task<CollectedLog> FirstAsync(Func<CollectedLog, bool> condition)
    {
        while (true)
        {
            if (_logs.FirstOrDefault(condition) is { } found)
            {
                return found;
            }

            if (!await _added.WaitAsync(Deadline))
            {
                throw new TimeoutException("Nothing such was logged:\n" + string.Join("\n", _logs.Select(log => log.Message)));
            }
        }
    }

    /// <summary>The line of the first request, when it is written.</summary>
    public Task<CollectedLog> RequestAsync() => FirstAsync(log => log.State.ContainsKey("Outcome"));

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

    public void Dispose() => _added.Dispose();

    private sealed class Logger(string category, CollectedLogs owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = (state as IEnumerable<KeyValuePair<string, object?>>)?.GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value) ?? [];
            owner._logs.Enqueue(new CollectedLog(category, logLevel, formatter(state, exception), values, exception));
            try
            {
                owner._added.Release();
            }
            catch (ObjectDisposedException)
            {
                // The test is over; the server is still saying goodbye.
            }
        }
    }
}
