namespace LlmOps.ServiceDefaults;

/// <summary>What the shared parts of a service need to know of it.</summary>
public sealed class ServiceDefaultsOptions
{
    /// <summary>Name of the service in /health and in telemetry.</summary>
    public string Name { get; set; } = "llmops";

    /// <summary>Its version.</summary>
    public string Version { get; set; } = "0.0.0";

    /// <summary>How long new requests are still served after the signal to stop, so that balancers learn of it before.</summary>
    public TimeSpan DrainDelay { get; set; }

    /// <summary>How long requests in flight may go on after that.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
