using System.Collections.Immutable;

namespace LlmOps.Tests.Contracts;

/// <summary>What the schemas around a schema, for the same value, have settled: the names they declare, whether more are welcome, and the references on the way.</summary>
internal sealed record SchemaScope(ImmutableHashSet<string> Names, bool IsOpen, ImmutableHashSet<string> Followed)
{
    public static readonly SchemaScope Empty = new([], false, []);
}
