using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
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

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Line? _line;

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
        var line = Line.Begin(_time.GetUtcNow(), LogLevel.Warning, typeof(JsonLog).FullName!);
        line.Json.WriteString(Names.Message, $"{_leftOut} log lines were left out: standard output did not take them in time.");
        return line.End().ToArray();
    }

    private static ReadOnlySpan<byte> Text(in Pending pending)
    {
        var line = Line.Begin(pending.Time, pending.Level, pending.Category!);
        var json = line.Json;
        json.WriteNumber(Names.EventId, pending.EventId);
        try
        {
            json.WriteString(Names.Message, pending.Fields!.Message);
            WriteActivity(json, pending.Activity);
            json.WriteStartObject(Names.State);
            pending.Fields.WriteTo(json);
            json.WriteEndObject();
            return line.End();
        }
        catch (Exception exception)
        {
            // Thrown on, it would end the process, and far from what is at fault.
            line = Line.Begin(pending.Time, LogLevel.Error, pending.Category!);
            line.Json.WriteString(Names.Message, "This line could not be written.");
            line.Json.WriteString("Exception", exception.ToString());
            return line.End();
        }
    }

    private static void WriteActivity(Utf8JsonWriter json, ActivityContext activity)
    {
        if (activity != default)
        {
            json.WriteString("TraceId", activity.TraceId.ToHexString());
            json.WriteString("SpanId", activity.SpanId.ToHexString());
        }
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

            var line = Line.Begin(time, logLevel, category);
            var json = line.Json;
            json.WriteNumber(Names.EventId, eventId.Id);
            json.WriteString(Names.Message, formatter(state, exception));
            WriteActivity(json, activity);
            if (exception is not null)
            {
                json.WriteString("Exception", exception.ToString());
            }

            if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values)
            {
                WriteState(json, values);
            }

            log.Add(new Pending { Written = line.End().ToArray(), Level = logLevel });
        }

        private static void WriteState(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            json.WriteStartObject(Names.State);
            for (var index = 0; index < values.Count; index++)
            {
                var (name, value) = values[index];
                if (value is not null && name != Template)
                {
                    json.WritePropertyName(name);
                    WriteValue(json, value);
                }
            }

            json.WriteEndObject();
        }

        private static void WriteValue(Utf8JsonWriter json, object value)
        {
            switch (value)
            {
                case string text:
                    json.WriteStringValue(text);
                    break;
                case bool flag:
                    json.WriteBooleanValue(flag);
                    break;
                case int number:
                    json.WriteNumberValue(number);
                    break;
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case float number when float.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case decimal number:
                    json.WriteNumberValue(number);
                    break;
                default:
                    json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }
    }

    /// <summary>The line that a thread writes; there is one for each.</summary>
    private sealed class Line
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(1024);

        private Line() => Json = new Utf8JsonWriter(_bytes, WriterOptions);

        public Utf8JsonWriter Json { get; }

        public static Line Begin(DateTimeOffset time, LogLevel level, string category)
        {
            var line = _line ??= new Line();
            line._bytes.ResetWrittenCount();
            line.Json.Reset();
            line.Json.WriteStartObject();
            line.Json.WriteString(Names.Timestamp, time);
            line.Json.WriteString(Names.LogLevel, Name(level));
            line.Json.WriteString(Names.Category, category);
            return line;
        }

        /// <summary>The whole line, until the next one begins.</summary>
        public ReadOnlySpan<byte> End()
        {
            Json.WriteEndObject();
            Json.Flush();
            _bytes.Write("\n"u8);
            if (_bytes.Capacity > FirstBuffer)
            {
                _line = null;
            }

            return _bytes.WrittenSpan;
        }

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Trace => "Trace",
            LogLevel.Debug => "Debug",
            LogLevel.Information => "Information",
            LogLevel.Warning => "Warning",
            LogLevel.Error => "Error",
            _ => "Critical",
        };
    }

    /// <summary>Encoded once: looking for what must be escaped takes longer than writing the name.</summary>
    private static class Names
    {
        public static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("Timestamp");
        public static readonly JsonEncodedText LogLevel = JsonEncodedText.Encode("LogLevel");
        public static readonly JsonEncodedText Category = JsonEncodedText.Encode("Category");
        public static readonly JsonEncodedText EventId = JsonEncodedText.Encode("EventId");
        public static readonly JsonEncodedText Message = JsonEncodedText.Encode("Message");
        public static readonly JsonEncodedText State = JsonEncodedText.Encode("State");
    }
}
