using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// Log lines as JSON objects with the framework's names. Stands in for its JSON console, which tells every value twice and
/// makes a string and a system call of each line; with a line per request that halved what the gateway could do.
/// </summary>
[ProviderAlias("Console")]
internal sealed class JsonLog : ILoggerProvider
{
    private const int LargestKept = 64 * 1024;
    private const string Template = "{OriginalFormat}";

    [ThreadStatic]
    private static LogLine? _line;

    private readonly ConcurrentDictionary<string, JsonLogger> _loggers = new();
    private readonly TimeProvider _time;
    private readonly LogOutput _output;

    /// <summary>Begins to write.</summary>
    /// <param name="output">Where to; stays open.</param>
    /// <param name="time">Dates the lines.</param>
    public JsonLog(Stream output, TimeProvider time)
    {
        _time = time;
        _output = new LogOutput(output, LeftOut);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, category => new JsonLogger(this, category));

    /// <summary>Writes what is still there, as far as the output takes it.</summary>
    public void Dispose() => _output.Dispose();

    private ReadOnlySpan<byte> LeftOut(long count)
    {
        var line = new LogLine();
        Begin(line, LogLevel.Warning, typeof(JsonLog).FullName!);
        line.Add("Message"u8, $"{count} log lines were left out: standard output did not take them in time.");
        line.End();
        return line.Written;
    }

    private void Begin(LogLine line, LogLevel level, string category)
    {
        line.Begin();
        line.Add("Timestamp"u8, _time.GetUtcNow());
        line.Add("LogLevel"u8, level switch
        {
            LogLevel.Trace => "Trace",
            LogLevel.Debug => "Debug",
            LogLevel.Information => "Information",
            LogLevel.Warning => "Warning",
            LogLevel.Error => "Error",
            _ => "Critical",
        });
        line.Add("Category"u8, category);
    }

    /// <summary>The logger of one category.</summary>
    private sealed class JsonLogger(JsonLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // Taken away while in use: a value's own text may log a line as well.
            var line = _line ?? new LogLine();
            _line = null;
            log.Begin(line, logLevel, category);
            line.Add("EventId"u8, eventId.Id);
            line.Add("Message"u8, state is ILogFields { Message: { } message } ? message : formatter(state, exception));
            AddActivity(line);
            line.Add("Exception"u8, exception?.ToString());
            AddState(line, state);
            line.End();
            log._output.Add(line.Written, urgent: logLevel >= LogLevel.Error);
            if (line.Capacity <= LargestKept)
            {
                _line = line;
            }
        }

        private static void AddActivity(LogLine line)
        {
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                line.Add("TraceId"u8, activity.TraceId.ToHexString());
                line.Add("SpanId"u8, activity.SpanId.ToHexString());
            }
        }

        private static void AddState<TState>(LogLine line, TState state)
        {
            if (state is ILogFields fields)
            {
                line.Open("State"u8);
                fields.WriteTo(line);
                line.Close();
            }
            else if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values)
            {
                line.Open("State"u8);
                for (var index = 0; index < values.Count; index++)
                {
                    var (name, value) = values[index];
                    if (value is not null && name != Template)
                    {
                        line.Add(name, value);
                    }
                }

                line.Close();
            }
        }
    }
}
