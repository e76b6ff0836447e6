namespace LlmOps.ServiceDefaults;

/// <summary>Tells how quickly something answers that the service depends on.</summary>
public interface IDependencyProbe
{
    /// <summary>Its name among the health checks.</summary>
    string Dependency { get; }

    /// <summary>How long it takes to answer; null where it does not, or where that is not known.</summary>
    Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken);
}
