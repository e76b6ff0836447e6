using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Where Gemini's answers come from: searches, and texts that it recited.</summary>
internal static class GeminiCitations
{
    /// <summary>A citation for each source of each passage that a search supports; sources without a passage cite nothing in particular.</summary>
    /// <param name="grounding">The answer's groundingMetadata.</param>
    /// <param name="text">The answer's whole text.</param>
    public static IEnumerable<CitationAnnotation> Grounded(JsonElement? grounding, string text)
    {
        var sources = WireJson.Items(grounding, "groundingChunks").Select(chunk => WireJson.Member(chunk, "web")).ToList();
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var support in WireJson.Items(grounding, "groundingSupports"))
        {
            var segment = WireJson.Member(support, "segment");
            foreach (var index in WireJson.Items(support, "groundingChunkIndices"))
            {
                if (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out var at) && at >= 0 && at < sources.Count
                    && Citation(WireJson.Text(sources[at], "uri"), WireJson.Text(sources[at], "title"), segment, bytes) is { } citation)
                {
                    yield return citation;
                }
            }
        }
    }

    /// <summary>The sources of what an answer recites.</summary>
    /// <param name="recited">The answer's citationMetadata.</param>
    /// <param name="text">The answer's whole text.</param>
    public static IEnumerable<CitationAnnotation> Recited(JsonElement? recited, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return WireJson.Items(recited, "citationSources")
            .Select(source => Citation(WireJson.Text(source, "uri"), WireJson.Text(source, "title"), source, bytes)).OfType<CitationAnnotation>();
    }

    /// <summary>Version 2 models bill a search per answer that used one, later ones per query; null for none.</summary>
    public static long? BilledSearches(JsonElement? grounding, string model)
    {
        var queries = WireJson.Items(grounding, "webSearchQueries").Count();
        return queries == 0 ? null : model.Contains("gemini-2", StringComparison.OrdinalIgnoreCase) ? 1 : queries;
    }

    private static CitationAnnotation? Citation(string? address, string? title, JsonElement? segment, byte[] text) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? new CitationAnnotation
            {
                Url = uri,
                Title = title,
                AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = Characters(text, WireJson.Integer(segment, "startIndex")), EndIndex = Characters(text, WireJson.Integer(segment, "endIndex")) }],
            }
            : null;

    // Google counts bytes of UTF-8, OpenAI characters (code points, as its Python client counts them).
    private static int Characters(byte[] text, long? offset)
    {
        var end = (int)Math.Clamp(offset ?? 0, 0, int.MaxValue);
        var count = 0;
        foreach (var octet in text.AsSpan(0, Math.Min(end, text.Length)))
        {
            // Every code point has exactly one byte that is no continuation.
            count += (octet & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
