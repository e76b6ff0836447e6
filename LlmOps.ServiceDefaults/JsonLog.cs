using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// Log lines as JSON objects with the framework's names. Stands in for its JSON console, which tells every value twice and
/// makes a string and a system call of each line; with a line per request that halved what the gateway could do.
/// A thread of its own writes what has gathered, and makes the frequent lines (<see cref="ILogFields"/>) as well: many at a
/// time take a fraction of what each would in the middle of its request. Where the output takes nothing for so long that
/// <see cref="MostPendingBytes"/> have gathered, lines are left out and counted: a full pipe must not stop the service.
/// </summary>
[ProviderAlias("Console")]
internal sealed class JsonLog : ILoggerProvider
{
    /// <summary>Lines wait in memory for the output up to this.</summary>
    public const int MostPendingBytes = 8 * 1024 * 1024;

    // What a line that is not yet written counts for.
    private const int UsualLine = 512;

    private const int FirstBuffer = 64 * 1024;
    private const int LargestKept = 1024 * 1024;
    private const string Template = "{OriginalFormat}";
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static LogLine? _line;

    private readonly ConcurrentDictionary<string, JsonLogger> _loggers = new();
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly Thread _writer;
    private readonly ManualResetEventSlim _firstLine = new();
    private readonly ManualResetEventSlim _hurry = new();
    private readonly Lock _lock = new();
    private List<Pending> _pending = [];
    private List<Pending> _taken = [];
    private ArrayBufferWriter<byte> _buffer = new(FirstBuffer);
    private int _pendingBytes;
    private bool _writerWaits = true;
    private volatile bool _stopping;
    private long _leftOut;

    /// <summary>Begins to write.</summary>
    /// <param name="output">Where to; stays open.</param>
    /// <param name="time">Dates the lines.</param>
    public JsonLog(Stream output, TimeProvider time)
    {
        _output = output;
        _time = time;
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "Log" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, category => new JsonLogger(this, category));

    /// <summary>Writes what is still there, as far as the output takes it.</summary>
    public void Dispose()
    {
        _stopping = true;
        _hurry.Set();
        _firstLine.Set();

        // An output that takes nothing must not keep the process from its end.
        _writer.Join(LongestFarewell);
    }

    private void Add(in Pending line)
    {
        lock (_lock)
        {
            var length = line.Written?.Length ?? UsualLine;
            if (_pendingBytes + length > MostPendingBytes)
            {
                _leftOut++;
                return;
            }

            _pending.Add(line);
            _pendingBytes += length;
            if (_writerWaits)
            {
                _writerWaits = false;
                _firstLine.Set();
            }
        }

        if (line.Level >= LogLevel.Error)
        {
            // What it tells of may be the end of the process.
            _hurry.Set();
        }
    }

    // Under load nobody is woken: lines gather while the writer counts to GatherTime, and go out in one system call.
    private void WriteAll()
    {
        while (!_stopping)
        {
            _firstLine.Wait();
            if (_hurry.Wait(GatherTime))
            {
                _hurry.Reset();
            }

            Write(Take());
        }

        Write(Take());
    }

    private void Write(List<Pending> lines)
    {
        foreach (ref readonly var line in CollectionsMarshal.AsSpan(lines))
        {
            _buffer.Write(line.Written ?? Text(line));
            if (_buffer.WrittenCount > LargestKept)
            {
                Send();
            }
        }

        Send();
        lines.Clear();
    }

    private void Send()
    {
        try
        {
            _output.Write(_buffer.WrittenSpan);
            _output.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Nobody reads any more; there is no other place to say so.
        }

        if (_buffer.Capacity > 2 * LargestKept)
        {
            _buffer = new(FirstBuffer);
        }

        _buffer.ResetWrittenCount();
    }

    private List<Pending> Take()
    {
        lock (_lock)
        {
            if (_leftOut > 0)
            {
                _pending.Add(new Pending { Written = LeftOut() });
                _leftOut = 0;
            }

            if (_pending.Count == 0)
            {
                _writerWaits = true;
                _firstLine.Reset();
            }

            (_pending, _taken) = (_taken, _pending);
            _pendingBytes = 0;
            return _taken;
        }
    }

    private byte[] LeftOut()
    {
        var line = Begin(_time.GetUtcNow(), LogLevel.Warning, typeof(JsonLog).FullName!);
        line.Add("Message"u8, $"{_leftOut} log lines were left out: standard output did not take them in time.");
        return End(line).ToArray();
    }

    private static ReadOnlySpan<byte> Text(in Pending pending)
    {
        try
        {
            var line = Begin(pending.Time, pending.Level, pending.Category!);
            line.Add("EventId"u8, pending.EventId);
            line.Add("Message"u8, pending.Fields!.Message);
            AddActivity(line, pending.Activity);
            line.Open("State"u8);
            pending.Fields.WriteTo(line);
            line.Close();
            return End(line);
        }
        catch (Exception exception)
        {
            // Thrown on, it would end the process, and far from what is at fault.
            var line = Begin(pending.Time, LogLevel.Error, pending.Category!);
            line.Add("Message"u8, "This line could not be written.");
            line.Add("Exception"u8, exception.ToString());
            return End(line);
        }
    }

    private static void AddActivity(LogLine line, ActivityContext activity)
    {
        if (activity != default)
        {
            line.Add("TraceId"u8, activity.TraceId.ToHexString());
            line.Add("SpanId"u8, activity.SpanId.ToHexString());
        }
    }

    // Each thread has one, which holds good until it begins the next.
    private static LogLine Begin(DateTimeOffset time, LogLevel level, string category)
    {
        var line = _line ??= new LogLine();
        line.Begin();
        line.Add("Timestamp"u8, time);
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
        return line;
    }

    private static ReadOnlySpan<byte> End(LogLine line)
    {
        line.End();
        if (line.Capacity > FirstBuffer)
        {
            _line = null;
        }

        return line.Written;
    }

    /// <summary>A line that waits for the output: written already, or what it will be written from.</summary>
    private readonly struct Pending
    {
        public byte[]? Written { get; init; }

        public ILogFields? Fields { get; init; }

        public DateTimeOffset Time { get; init; }

        public LogLevel Level { get; init; }

        public string? Category { get; init; }

        public int EventId { get; init; }

        public ActivityContext Activity { get; init; }
    }

    /// <summary>The logger of one category.</summary>
    private sealed class JsonLogger(JsonLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var time = log._time.GetUtcNow();
            var activity = Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Context : default;
            if (state is ILogFields fields && exception is null)
            {
                log.Add(new Pending { Fields = fields, Time = time, Level = logLevel, Category = category, EventId = eventId.Id, Activity = activity });
                return;
            }

            var line = Begin(time, logLevel, category);
            line.Add("EventId"u8, eventId.Id);
            line.Add("Message"u8, formatter(state, exception));
            AddActivity(line, activity);
            line.Add("Exception"u8, exception?.ToString());
            if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values)
            {
                AddState(line, values);
            }

            log.Add(new Pending { Written = End(line).ToArray(), Level = logLevel });
        }

        private static void AddState(LogLine line, IReadOnlyList<KeyValuePair<string, object?>> values)
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
