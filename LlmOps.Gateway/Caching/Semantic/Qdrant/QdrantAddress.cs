using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>Where Qdrant is, and its key.</summary>
/// <param name="Endpoint">Root of its REST API, with a slash at the end.</param>
/// <param name="ApiKey">Its key; null for none.</param>
internal sealed record QdrantAddress(Uri Endpoint, Secret? ApiKey)
{
    private const string Expected = "http://host:6333, or Endpoint=http://host:6333;Key=…";

    /// <summary>Whether it is another.</summary>
    public bool Differs(QdrantAddress? other) => other is null || Endpoint != other.Endpoint || ApiKey?.Reveal() != other.ApiKey?.Reveal();

    /// <summary>What the settings say, else the connection string; null where there is no Qdrant.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="connectionString">ConnectionStrings:qdrant: of the REST API, not of gRPC.</param>
    /// <param name="faults">Takes what is wrong with it.</param>
    public static QdrantAddress? Read(QdrantOptions options, string? connectionString, List<string> faults)
    {
        var (endpoint, key) = (options.Endpoint, options.ApiKey);
        if (endpoint is null && !string.IsNullOrWhiteSpace(connectionString))
        {
            foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? "Endpoint" : part[..equals].Trim();
                var value = part[(equals + 1)..].Trim();
                if (name.Equals("Endpoint", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                {
                    endpoint = address;
                }
                else if (name.Equals("Key", StringComparison.OrdinalIgnoreCase))
                {
                    key ??= value.Length > 0 ? new Secret(value) : null;
                }
                else
                {
                    // Not the value, which may be the key.
                    faults.Add($"ConnectionStrings:qdrant has a part that is not understood; expected {Expected}.");
                    return null;
                }
            }

            if (endpoint is null)
            {
                faults.Add($"ConnectionStrings:qdrant names no Endpoint; expected {Expected}.");
            }
        }

        return endpoint is null ? null : new QdrantAddress(new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/"), key);
    }
}
