namespace LlmOps.Gateway.Configuration;

/// <summary>The configuration cannot be used; the message lists every fault, each with its key.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> faults)
    : Exception("The configuration has " + (faults.Count == 1 ? "a fault" : $"{faults.Count} faults") + ":\n  " + string.Join("\n  ", faults))
{
    /// <summary>All faults, one sentence each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
