namespace LlmOps.AppHost.Tests.Publishing;

/// <summary>A place in a YAML document.</summary>
internal sealed class Node(object? value)
{
    /// <summary>What is there under a key, or at an index; nothing where there is nothing.</summary>
    public Node this[object key] => new(value switch
    {
        Dictionary<object, object?> map => map.GetValueOrDefault(key),
        List<object?> list when key is int index && index < list.Count => list[index],
        _ => null,
    });

    /// <summary>Whether something is there.</summary>
    public bool Exists => value is not null;

    /// <summary>Its text.</summary>
    public string? Text => value as string;

    /// <summary>Its texts, where it is a list of them.</summary>
    public string?[] Texts => [.. Items.Select(item => item.Text)];

    /// <summary>Its members, where it is a list.</summary>
    public Node[] Items => [.. (value as List<object?> ?? []).Select(item => new Node(item))];

    /// <summary>Its keys, where it is a map.</summary>
    public string[] Keys => [.. (value as Dictionary<object, object?> ?? []).Keys.Cast<string>()];
}
