namespace LlmOps.AppHost.Publishing;

/// <summary>What a published service needs.</summary>
/// <param name="Health">What shows that it is well, in the form of Compose: CMD or CMD-SHELL, then the command.</param>
/// <param name="StartPeriod">How long it may take to start.</param>
/// <param name="Megabytes">The most memory, in MiB.</param>
/// <param name="Cpus">The most cores.</param>
/// <param name="After">What must be well before it starts; null for nothing.</param>
/// <param name="HealthPath">The path whose status shows that it is well, for a prober that speaks HTTP; null for the command.</param>
/// <param name="Clients">The components that may connect; null for all the world.</param>
/// <param name="Group">The group of its user, where that is not root: its volume's on Kubernetes; null for root.</param>
internal sealed record Needs(
    List<string> Health,
    string StartPeriod = "10s",
    int Megabytes = 512,
    string Cpus = "1.0",
    IResource? After = null,
    string? HealthPath = null,
    string[]? Clients = null,
    int? Group = null);
