using System.Globalization;
using LlmOps.Gateway.Errors;

namespace LlmOps.Evaluator.Datasets;

/// <summary>What is wrong in a file: collected, so that all of it is told at once.</summary>
/// <param name="path">The file.</param>
internal sealed class FaultList(string path)
{
    /// <summary>The most faults of a file that are told; of more, their number is.</summary>
    public const int Most = 50;

    private readonly List<string> _faults = [];

    /// <summary>How the file is named in messages: from the working directory on, where it lies in it.</summary>
    public string File { get; } = Shown(path);

    /// <summary>How many faults there are.</summary>
    public int Count { get; private set; }

    /// <summary>The faults, a line each.</summary>
    public IReadOnlyList<string> Lines =>
        Count <= Most ? _faults : [.. _faults, string.Create(CultureInfo.InvariantCulture, $"{File}: and {Count - Most} more faults.")];

    /// <summary>Adds one.</summary>
    /// <param name="line">Its line, from 1; null where it is the file as a whole.</param>
    /// <param name="reason">What is wrong, and what was expected.</param>
    public void Add(int? line, string reason)
    {
        if (++Count <= Most)
        {
            _faults.Add(line is null ? $"{File}: {reason}" : string.Create(CultureInfo.InvariantCulture, $"{File}:{line}: {reason}"));
        }
    }

    /// <summary>Reads a value; where it is wrong, that is one of the faults.</summary>
    /// <param name="read">Reads it.</param>
    /// <param name="otherwise">What stands in its place where it is wrong.</param>
    /// <param name="lineOf">The line of the field that is wrong.</param>
    public T Read<T>(Func<T> read, T otherwise, Func<string?, int?> lineOf)
    {
        try
        {
            return read();
        }
        catch (GatewayException exception)
        {
            Add(lineOf(exception.Field), exception.Message);
            return otherwise;
        }
    }

    /// <summary>Ends the reading where there are faults.</summary>
    /// <exception cref="BadInputException">There are.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0)
        {
            throw new BadInputException(Lines);
        }
    }

    private static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
