namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>Whether this process has little of the machine to spare.</summary>
internal sealed class ProcessLoad(TimeProvider time)
{
    // Below, a core is free for whoever asks for it; others on the machine want some of it as well.
    private const double BusyShare = 0.4;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200);

    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private long _since = time.GetTimestamp();
    private bool _isBusy;

    /// <summary>Whether requests wait for a thread, or the process has lately taken a large share of all cores.</summary>
    public bool IsBusy
    {
        get
        {
            var elapsed = time.GetElapsedTime(_since);
            if (elapsed >= Window)
            {
                var used = Environment.CpuUsage.TotalTime;
                _isBusy = (used - _used) / elapsed > BusyShare * Environment.ProcessorCount;
                (_used, _since) = (used, time.GetTimestamp());
            }

            return _isBusy || ThreadPool.PendingWorkItemCount > Environment.ProcessorCount;
        }
    }
}
