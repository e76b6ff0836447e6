using System.Runtime.InteropServices;
using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>An answer in memory. One object beside the answer's bytes: the fewer there are, the less work has the garbage collector.</summary>
internal sealed class MemoryEntry(CacheKey key, CachedAnswer answer)
{
    private readonly (string Tenant, string Model, string? Prompt, string Provider, string ProviderModel) _facts =
        (answer.Tenant, answer.ModelName, answer.Prompt, answer.Provider, answer.ProviderModel);

    private readonly NanoUsd? _cost = answer.Cost;
    private readonly DateTimeOffset _expiresAt = answer.ExpiresAt;
    private byte[]? _json = MemoryMarshal.TryGetArray(answer.Json, out var buffer) && buffer.Count == buffer.Array!.Length ? buffer.Array : answer.Json.ToArray();

    /// <summary>Its key.</summary>
    public CacheKey Key { get; } = key;

    /// <summary>Null once it is gone: it may stay in its queue for long.</summary>
    public CachedAnswer? Answer => Volatile.Read(ref _json) is { } json
        ? new CachedAnswer(json, _facts.Tenant, _facts.Model, _facts.Prompt, _facts.Provider, _facts.ProviderModel, _cost, _expiresAt)
        : null;

    /// <summary>The memory it takes, in bytes.</summary>
    public int Size { get; } = answer.Size;

    /// <summary>How often it was asked for since it was last looked at; a small number is enough.</summary>
    public int Uses { get; set; }

    /// <summary>Whether it is in the main queue.</summary>
    public bool IsMain { get; set; }

    /// <summary>Whether it was dropped.</summary>
    public bool IsGone => _json is null;

    /// <summary>The next one of its place in the table.</summary>
    public MemoryEntry? Next { get; set; }

    /// <summary>Gives its memory back; it may stay in its queue for long.</summary>
    public void Drop() => _json = null;
}
