namespace LlmOps.Gateway.Storage;

/// <summary>Tells the log of each change of the database between available and not: one line, and one more for each further reason.</summary>
/// <param name="database">What the log calls it; names no secret.</param>
/// <param name="isDown">Whether it is not available at first.</param>
/// <param name="logger">The log.</param>
internal sealed partial class DatabaseReport(string database, bool isDown, ILogger logger)
{
    private const int MostReasons = 8;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _told = [];
    private bool _isDown = isDown;

    /// <summary>Takes why it is not available now; null where it is.</summary>
    public void Note(string? fault)
    {
        lock (_lock)
        {
            if (fault is null && _isDown)
            {
                LogAvailable(database);
                _told.Clear();
            }
            else if (fault is not null && _told.Count < MostReasons && _told.Add(fault))
            {
                LogNotAvailable(database, fault);
            }

            _isDown = fault is not null;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Database} is available.")]
    private partial void LogAvailable(string database);

    [LoggerMessage(LogLevel.Warning, "{Database} is not available: {Reason}. The gateway goes on without it.")]
    private partial void LogNotAvailable(string database, string reason);
}
