using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace LlmOps.Gateway.Telemetry;

/// <summary>The tags of a span that is over, as they lie there: a copy for each record would be most of what it takes. A whole number is a long.</summary>
internal sealed class SpanTags(Activity span) : IReadOnlyDictionary<string, object>
{
    /// <inheritdoc/>
    public IEnumerable<string> Keys => this.Select(tag => tag.Key);

    /// <inheritdoc/>
    public IEnumerable<object> Values => this.Select(tag => tag.Value);

    /// <inheritdoc/>
    public int Count => Keys.Count();

    /// <inheritdoc/>
    public object this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no tag '{key}'.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        value = Whole(span.GetTagItem(key));
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
    {
        foreach (var (name, value) in span.TagObjects)
        {
            if (Whole(value) is { } whole)
            {
                yield return new(name, whole);
            }
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object? Whole(object? value) => value is int number ? (long)number : value;
}
