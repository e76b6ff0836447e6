namespace LlmOps.Gateway.Functions;

/// <summary>How long the calls of tools of one request have taken; those that run at the same time count once. Thread-safe.</summary>
internal sealed class ToolTime
{
    private readonly Lock _lock = new();
    private TimeSpan _spent;
    private long _began;
    private int _running;

    /// <summary>A call begins.</summary>
    /// <returns>How long all calls have taken so far.</returns>
    public TimeSpan Begin(TimeProvider time)
    {
        lock (_lock)
        {
            if (_running++ == 0)
            {
                _began = time.GetTimestamp();
            }

            return _spent + time.GetElapsedTime(_began);
        }
    }

    /// <summary>A call is over.</summary>
    public void End(TimeProvider time)
    {
        lock (_lock)
        {
            if (--_running == 0)
            {
                _spent += time.GetElapsedTime(_began);
            }
        }
    }
}
