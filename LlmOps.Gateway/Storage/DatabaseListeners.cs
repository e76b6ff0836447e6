namespace LlmOps.Gateway.Storage;

/// <summary>Who in this process listens to which channel of the database.</summary>
internal sealed partial class DatabaseListeners(ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly List<Listener> _listeners = [];

    /// <summary>Adds one, until the result is disposed.</summary>
    public IDisposable Add(string channel, Action changed)
    {
        var listener = new Listener(this, channel, changed);
        lock (_lock)
        {
            _listeners.Add(listener);
        }

        return listener;
    }

    /// <summary>Calls those of a channel; all for null.</summary>
    public void Tell(string? channel)
    {
        List<Listener> told;
        lock (_lock)
        {
            told = _listeners.FindAll(listener => channel is null || listener.Channel == channel);
        }

        foreach (var listener in told)
        {
            try
            {
                listener.Changed();
            }
            catch (Exception exception)
            {
                // One listener's fault is no other's, and not that of whoever wrote.
                LogFailed(exception, listener.Channel);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "What listens to the database's channel {Channel} failed.")]
    private partial void LogFailed(Exception exception, string channel);

    private sealed class Listener(DatabaseListeners owner, string channel, Action changed) : IDisposable
    {
        public string Channel => channel;

        public Action Changed => changed;

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._listeners.Remove(this);
            }
        }
    }
}
