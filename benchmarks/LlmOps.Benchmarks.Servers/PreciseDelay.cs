using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LlmOps.Benchmarks.Servers;

/// <summary>
/// Delays that end within a fraction of a millisecond of their time. Those of Task.Delay follow a clock that ticks every
/// four milliseconds, which is more than a proxy takes; a mean over many would hide what is measured.
/// </summary>
internal static partial class PreciseDelay
{
    // No delay is shorter, so whoever comes while the thread sleeps is not missed.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(1);

    private static readonly PriorityQueue<TaskCompletionSource, long> Waiting = new();

    static PreciseDelay() => new Thread(Run) { IsBackground = true, Name = "Delays" }.Start();

    /// <summary>Ends after so many milliseconds, at least 1.</summary>
    public static Task Of(int milliseconds)
    {
        // Continued by the pool: the thread has others to wake.
        var ends = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Waiting)
        {
            Waiting.Enqueue(ends, Stopwatch.GetTimestamp() + milliseconds * (Stopwatch.Frequency / 1000));
            Monitor.Pulse(Waiting);
        }

        return ends.Task;
    }

    private static void Run()
    {
        while (true)
        {
            Sleep(WakeDue());
        }
    }

    // How long until the next one.
    private static TimeSpan WakeDue()
    {
        lock (Waiting)
        {
            while (Waiting.Count == 0)
            {
                Monitor.Wait(Waiting);
            }

            var now = Stopwatch.GetTimestamp();
            while (Waiting.TryPeek(out var ends, out var due))
            {
                if (due > now)
                {
                    return Stopwatch.GetElapsedTime(now, due);
                }

                Waiting.Dequeue();
                ends.SetResult();
            }

            return TimeSpan.Zero;
        }
    }

    private static void Sleep(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            var request = new TimeSpec { Nanoseconds = (nint)(time < LongestSleep ? time : LongestSleep).TotalNanoseconds };
            _ = NanoSleep(request, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec request, nint remaining);

    /// <summary>C's timespec.</summary>
    private struct TimeSpec
    {
        public nint Seconds { get; set; }

        public nint Nanoseconds { get; set; }
    }
}
