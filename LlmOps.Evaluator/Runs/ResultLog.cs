using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Evaluator.Results;
using Microsoft.Win32.SafeHandles;

namespace LlmOps.Evaluator.Runs;

/// <summary>
/// The answers and scores of a prompt that were paid for, a line each, written as they come: a process that is killed loses none that
/// it had. Only their places are in memory. One process at a time writes to it.
/// </summary>
internal sealed class ResultLog : IDisposable
{
    /// <summary>From this size on the next evaluation that begins has a new log: what was kept before it is dropped.</summary>
    public const long MostBytes = 1L << 30;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, (long Offset, int Length)> _places = [];
    private long _end;

    private ResultLog(SafeFileHandle file) => _file = file;

    /// <summary>The last run that has no end, with its plan; null where all have.</summary>
    public RunMark? Unfinished { get; private set; }

    /// <summary>US dollars of the answers and scores that were kept since the last run began.</summary>
    public decimal SpentSinceBegun { get; private set; }

    /// <summary>Opens it, or makes it.</summary>
    /// <exception cref="BadInputException">Another process writes to it, or it cannot be written.</exception>
    public static ResultLog Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var log = new ResultLog(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            log.Load();
            return log;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be written: {exception.Message} Another evaluation of the prompt may be running; --output names another folder.");
        }
    }

    /// <summary>An answer that is there from before; null for none.</summary>
    public Answer? FindAnswer(string key) => Find(key)?.Answer;

    /// <summary>A score that is there from before; null for none.</summary>
    public Score? FindScore(string key) => Find(key)?.Score;

    /// <summary>Keeps an answer.</summary>
    public void Add(string key, Answer answer) => Append(new LogLine { Key = key, Answer = answer });

    /// <summary>Keeps a score.</summary>
    public void Add(string key, Score score) => Append(new LogLine { Key = key, Score = score });

    /// <summary>Notes that a run begins.</summary>
    public void Begin(RunMark mark)
    {
        if (_end >= MostBytes)
        {
            RandomAccess.SetLength(_file, 0);
            _end = 0;
            _places.Clear();
        }

        Append(new LogLine { Begun = mark });
    }

    /// <summary>Notes that a run has done all that it was to do.</summary>
    public void End(RunMark mark)
    {
        Append(new LogLine { Ended = mark.Id });
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Append(LogLine line)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, LogJson.Default.LogLine);
        lock (_lock)
        {
            // Both in one call, so that a line is there as a whole or, at the file's end, in part.
            try
            {
                RandomAccess.Write(_file, [bytes, LineEnd], _end);
            }
            catch (IOException exception)
            {
                throw new BadInputException($"What was answered cannot be kept: {exception.Message}");
            }

            Note(line, _end, bytes.Length);
            _end += bytes.Length + 1;
        }
    }

    private void Note(LogLine line, long offset, int length)
    {
        if (line.Key is { } key)
        {
            _places[key] = (offset, length);
            SpentSinceBegun += line.Answer?.CostUsd ?? line.Score?.CostUsd ?? 0;
        }
        else if (line.Begun is { } mark)
        {
            (Unfinished, SpentSinceBegun) = (mark, 0);
        }
        else if (line.Ended == Unfinished?.Id)
        {
            Unfinished = null;
        }
    }

    private LogLine? Find(string key)
    {
        (long Offset, int Length) place;
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out place))
            {
                return null;
            }
        }

        var bytes = new byte[place.Length];
        RandomAccess.Read(_file, bytes, place.Offset);
        return Read(bytes);
    }

    private void Load()
    {
        var buffer = new byte[1 << 20];
        List<byte> text = [];
        for (var read = 0L; RandomAccess.Read(_file, buffer, read) is > 0 and var length; read += length)
        {
            foreach (var next in buffer.AsSpan(0, length))
            {
                Take(next, text);
            }
        }

        // What a killed process had not written to its end.
        RandomAccess.SetLength(_file, _end);
    }

    private void Take(byte next, List<byte> text)
    {
        if (next != '\n')
        {
            text.Add(next);
            return;
        }

        if (Read(CollectionsMarshal.AsSpan(text)) is { } line)
        {
            Note(line, _end, text.Count);
        }

        _end += text.Count + 1;
        text.Clear();
    }

    private static LogLine? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LogJson.Default.LogLine);
        }
        catch (JsonException)
        {
            // Somebody else's; what it held is asked for again.
            return null;
        }
    }
}

/// <summary>A run that has begun.</summary>
/// <param name="Id">The evaluation's id.</param>
/// <param name="Plan">The hash of its plan.</param>
/// <param name="StartedAt">When.</param>
/// <param name="IsFresh">Whether it does without what is there from runs before it.</param>
internal sealed record RunMark(string Id, string Plan, DateTimeOffset StartedAt, bool IsFresh);

/// <summary>A line of the log: a result with its key, or where a run begins or ends.</summary>
internal sealed record LogLine
{
    public string? Key { get; init; }

    public Answer? Answer { get; init; }

    public Score? Score { get; init; }

    public RunMark? Begun { get; init; }

    public string? Ended { get; init; }
}

/// <summary>How lines are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogJson : JsonSerializerContext;
