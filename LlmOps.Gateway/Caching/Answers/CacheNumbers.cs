using System.Collections.Immutable;
using System.Globalization;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>The numbers of all scopes at one moment.</summary>
/// <param name="OfAll">That of everything, as text.</param>
/// <param name="ByScope">All of them, by their scopes.</param>
internal sealed record CacheNumbers(string OfAll, ImmutableDictionary<string, long> ByScope)
{
    /// <summary>Those before anything was cleared.</summary>
    public static CacheNumbers None { get; } = new("0", ImmutableDictionary<string, long>.Empty);

    /// <summary>Whether there are others than that of everything.</summary>
    public bool HasScopes { get; } = ByScope.Count > (ByScope.ContainsKey(CacheGenerations.All) ? 1 : 0);

    /// <summary>That of a scope.</summary>
    public long Of(string scope) => ByScope.GetValueOrDefault(scope);

    /// <summary>Whether a scope's number is among them, or may be.</summary>
    public bool Keeps(string scope) => ByScope.Count < CacheGenerations.MostScopes || ByScope.ContainsKey(scope);

    /// <summary>The same with another number of a scope.</summary>
    public CacheNumbers With(string scope, long number) =>
        new(scope == CacheGenerations.All ? number.ToString(CultureInfo.InvariantCulture) : OfAll, ByScope.SetItem(scope, number));
}
