using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// Log lines as JSON objects with the framework's names. Stands in for its JSON console, which tells every value twice and
/// makes a string and a system call of each line; with a line per request that halved what the gateway could do.
/// A thread of its own writes what has gathered. Where the output takes nothing for so long that
/// <see cref="MostPendingBytes"/> have gathered, lines are left out and counted: a full pipe must not stop the service.
/// </summary>
[ProviderAlias("Console")]
internal sealed class JsonLog : ILoggerProvider
{
    /// <summary>Lines wait in memory for the output up to this.</summary>
    public const int MostPendingBytes = 8 * 1024 * 1024;

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
    private ArrayBufferWriter<byte> _pending = new(FirstBuffer);
    private ArrayBufferWriter<byte> _written = new(FirstBuffer);
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

    private void Add(ReadOnlySpan<byte> line, LogLevel level)
    {
        lock (_lock)
        {
            if (_pending.WrittenCount + line.Length > MostPendingBytes)
            {
                _leftOut++;
                return;
            }

            _pending.Write(line);
            if (_writerWaits)
            {
                _writerWaits = false;
                _firstLine.Set();
            }
        }

        if (level >= LogLevel.Error)
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

    private void Write(ArrayBufferWriter<byte> lines)
    {
        try
        {
            _output.Write(lines.WrittenSpan);
            _output.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Nobody reads any more; there is no other place to say so.
        }

        lines.ResetWrittenCount();
    }

    private ArrayBufferWriter<byte> Take()
    {
        lock (_lock)
        {
            if (_leftOut > 0)
            {
                _pending.Write(LeftOut());
                _leftOut = 0;
            }

            if (_pending.WrittenCount == 0)
            {
                _writerWaits = true;
                _firstLine.Reset();
            }

            (_pending, _written) = (_written.Capacity > LargestKept ? new(FirstBuffer) : _written, _pending);
            return _written;
        }
    }

    private ReadOnlySpan<byte> LeftOut()
    {
        var line = Line.Begin(_time, LogLevel.Warning, typeof(JsonLog).FullName!);
        line.Json.WriteString("Message", $"{_leftOut} log lines were left out: standard output did not take them in time.");
        return line.End();
    }

    /// <summary>The logger of one category.</summary>
    private sealed class JsonLogger(JsonLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = Line.Begin(log._time, logLevel, category);
            var json = line.Json;
            json.WriteNumber("EventId", eventId.Id);
            var fields = state as ILogFields;
            json.WriteString("Message", fields?.Message ?? formatter(state, exception));
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                json.WriteString("TraceId", activity.TraceId.ToHexString());
                json.WriteString("SpanId", activity.SpanId.ToHexString());
            }

            if (exception is not null)
            {
                json.WriteString("Exception", exception.ToString());
            }

            if (fields is not null)
            {
                json.WriteStartObject("State");
                fields.WriteTo(json);
                json.WriteEndObject();
            }
            else if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values)
            {
                WriteState(json, values);
            }

            log.Add(line.End(), logLevel);
        }

        private static void WriteState(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            json.WriteStartObject("State");
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

        public static Line Begin(TimeProvider time, LogLevel level, string category)
        {
            var line = _line ??= new Line();
            line._bytes.ResetWrittenCount();
            line.Json.Reset();
            line.Json.WriteStartObject();
            line.Json.WriteString("Timestamp", time.GetUtcNow());
            line.Json.WriteString("LogLevel", Name(level));
            line.Json.WriteString("Category", category);
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
}
