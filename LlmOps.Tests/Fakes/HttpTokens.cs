using Microsoft.Extensions.Primitives;

namespace LlmOps.Tests.Fakes;

/// <summary>Reads headers that are comma-separated lists of tokens.</summary>
internal static class HttpTokens
{
    public static bool Contains(StringValues header, string token) =>
        header.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
