using LlmOps.Benchmarks.Load.Loads;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A subject that is up and answers.</summary>
internal sealed class RunningSubject(Subject subject, Site site, ServerProcess process) : IDisposable
{
    /// <summary>What runs.</summary>
    public Subject Subject => subject;

    /// <summary>Its process.</summary>
    public ServerProcess Process => process;

    /// <summary>Where it listens.</summary>
    public int Port => site.Port;

    /// <summary>What every request to it carries.</summary>
    public string[] Headers { get; private set; } = subject.Headers(site);

    /// <summary>Does what is to be done once it listens.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (subject.Prepare is { } prepare)
        {
            Headers = await prepare(site, cancellationToken);
        }
    }

    /// <summary>The bytes of a request to it.</summary>
    public byte[] Request(byte[] body) => Payload.Request(site.Port, Headers, body);

    /// <summary>The bytes of a request to another path than that of chat completions.</summary>
    public byte[] Request(string path, byte[] body) => Payload.Request(site.Port, Headers, body, path);

    /// <summary>Ends its process, unless that is the upstream's.</summary>
    public void Dispose()
    {
        if (subject.Command is not null)
        {
            process.Dispose();
        }
    }
}
