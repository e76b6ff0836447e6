
namespace LlmOps.Gateway.Caching.Answers;

/// <summary>What is cleared, of a scope as <see cref="CacheGenerations"/> writes it.</summary>
/// <param name="Kind">tenant, model or prompt; null for everything.</param>
/// <param name="Name">Whose.</param>
internal readonly record struct ClearedScope(string? Kind, string Name)
{
    /// <summary>Reads a scope; one that is not known is everything, as clearing too much does no harm.</summary>
    public static ClearedScope Of(string scope) =>
        scope.Split(':', 2) is [var kind, var name] && kind is ("tenant" or "model" or "prompt") ? new ClearedScope(kind, name) : new ClearedScope(null, "");

    /// <summary>Whether an answer is in it.</summary>
    public bool Contains(CachedAnswer answer) => Kind switch
    {
        "tenant" => answer.Tenant == Name,
        "model" => answer.ModelName == Name,
        "prompt" => answer.Prompt == Name,
        _ => true,
    };
}
