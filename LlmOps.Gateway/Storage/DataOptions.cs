namespace LlmOps.Gateway.Storage;

/// <summary>Where the gateway keeps what must outlive it.</summary>
internal sealed class DataOptions
{
    /// <summary>The data folder; created if missing. Read at start only.</summary>
    public string Folder { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "llmops");
}
