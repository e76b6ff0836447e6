namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>How much is kept in this process, and where it survives a restart.</summary>
/// <param name="Folder">The data folder; null: it does not survive one.</param>
/// <param name="MaxEntries">Most entries.</param>
/// <param name="MaxBytes">Most memory for them, in bytes; an entry that takes more than a tenth of it is not kept.</param>
internal sealed record LocalStoreOptions(string? Folder, int MaxEntries, long MaxBytes)
{
    /// <summary>Whether the file is opened at the start; else when it is needed.</summary>
    public bool OpensAtStart { get; init; } = true;
}
