using System.Runtime.InteropServices;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>An entry as it is in the file. Numbers and hashes are in this machine's byte order.</summary>
internal sealed class SemanticRow
{
    public long Number { get; set; }

    public byte[] Id { get; set; } = [];

    public long Space { get; set; }

    public byte[] Scope { get; set; } = [];

    public string Tenant { get; set; } = "";

    public string Model { get; set; } = "";

    public string? Prompt { get; set; }

    public string Provider { get; set; } = "";

    public string ProviderModel { get; set; } = "";

    /// <summary>In billionths of a dollar.</summary>
    public long? Cost { get; set; }

    /// <summary>In milliseconds since 1970.</summary>
    public long Expires { get; set; }

    /// <summary>What it takes in memory.</summary>
    public long Bytes { get; set; }

    public string Question { get; set; } = "";

    public byte[] Vector { get; set; } = [];

    public byte[] Answer { get; set; } = [];

    /// <summary>The row of an entry.</summary>
    public static SemanticRow Of(SemanticEntry entry, long space)
    {
        var (scope, answer) = (entry.Scope, entry.Answer);
        return new()
        {
            Id = entry.Id.ToByteArray(),
            Space = space,
            Scope = [.. MemoryMarshal.AsBytes<ulong>([scope.First, scope.Second, scope.Third, scope.Fourth])],
            Tenant = answer.Tenant,
            Model = answer.ModelName,
            Prompt = answer.Prompt,
            Provider = answer.Provider,
            ProviderModel = answer.ProviderModel,
            Cost = answer.Cost?.Value,
            Expires = answer.ExpiresAt.ToUnixTimeMilliseconds(),
            Bytes = LocalEntry.BytesOf(entry),
            Question = entry.Question,
            Vector = [.. MemoryMarshal.AsBytes(entry.Vector.Span)],
            Answer = answer.Json.ToArray(),
        };
    }

    /// <summary>The entry of a row.</summary>
    public SemanticEntry ToEntry(EmbeddingSpace space)
    {
        var scope = MemoryMarshal.Cast<byte, ulong>(Scope);
        return new(
            new Guid(Id), space, new CacheKey(scope[0], scope[1], scope[2], scope[3]), Question, MemoryMarshal.Cast<byte, float>(Vector).ToArray(),
            new CachedAnswer(Answer, Tenant, Model, Prompt, Provider, ProviderModel, Cost is { } cost ? new NanoUsd(cost) : null, DateTimeOffset.FromUnixTimeMilliseconds(Expires)));
    }
}
