namespace LlmOps.Gateway.Redis;

/// <summary>Tells the log of each change of a server between available and not: one line, and one more for each further reason.</summary>
internal sealed partial class RedisNodeReport(ILogger logger)
{
    private const int MostReasons = 8;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _told = [];
    private bool _isDown = true;

    /// <summary>Takes what the server is now.</summary>
    public void Note(RedisNode node)
    {
        lock (_lock)
        {
            var (address, fault) = (node.Address, node.Fault);
            if (fault is null && _isDown)
            {
                LogAvailable(address);
                _told.Clear();
            }
            else if (fault is not null && _told.Count < MostReasons && _told.Add(fault))
            {
                // While it stays down, only what was not known yet is told: a wrong password after a refused connection.
                Action<RedisAddress, string> log = _told.Count == 1 ? LogNotAvailable : LogStillNotAvailable;
                log(address, fault);
            }

            _isDown = fault is not null;
        }
    }

    [LoggerMessage(LogLevel.Information, "Redis at {Address} is available.")]
    private partial void LogAvailable(RedisAddress address);

    [LoggerMessage(LogLevel.Warning, "Redis at {Address} is not available: {Reason}. The gateway goes on without it.")]
    private partial void LogNotAvailable(RedisAddress address, string reason);

    [LoggerMessage(LogLevel.Information, "Redis at {Address} is still not available: {Reason}.")]
    private partial void LogStillNotAvailable(RedisAddress address, string reason);
}
