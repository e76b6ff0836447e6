using System.Buffers;
using System.Runtime.InteropServices;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>Between answers as the pipeline has them and the completions that are kept.</summary>
internal static class CompletionReader
{
    // A completion is kept only where it is none, so nobody is ever told of them.
    private static readonly OpenAIErrors Errors = new("cache", new ProviderKeys(null, TimeProvider.System), TimeProvider.System);

    /// <summary>The answer of a completion.</summary>
    public static ChatResponse Read(ReadOnlyMemory<byte> completion) => OpenAIResponseReader.Read(Errors, completion);

    /// <summary>What reads chunks that the gateway has altered or made, and hands on none but those.</summary>
    public static OpenAIStreamReader Chunks() => new(Errors, withholdUsage: false);

    /// <summary>The stream of a completion: all of it, so that one which cannot be cut up fails before anything has been sent.</summary>
    /// <param name="completion">The completion.</param>
    /// <param name="withholdUsage">Whether the caller has not asked for the chunk that carries usage.</param>
    public static IReadOnlyList<ChatResponseUpdate> Replay(ReadOnlyMemory<byte> completion, bool withholdUsage)
    {
        var reader = new OpenAIStreamReader(Errors, withholdUsage);
        return [.. CompletionChunks.Of(completion).Select(chunk => reader.Read(new StreamEvent(null, chunk))).OfType<ChatResponseUpdate>()];
    }

    /// <summary>The completion of an answer: the provider's own bytes where it speaks OpenAI's protocol.</summary>
    public static ReadOnlyMemory<byte> Completion(ChatResponse response, string model)
    {
        if (response.RawRepresentation is OpenAIPayload payload)
        {
            // Of whole characters, for some servers send halves; and copied where it would keep a larger buffer.
            var json = WireJson.WholePairs(payload.Json);
            return MemoryMarshal.TryGetArray(json, out var buffer) && buffer.Count == buffer.Array!.Length ? json : json.ToArray();
        }

        var output = new ArrayBufferWriter<byte>(1024);
        ChatCompletionWriter.Write(output, response, model);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether a completion may be kept: whole, not filtered, not refused, not empty, in all of its choices. False for anything else.</summary>
    public static bool MayBeKept(ReadOnlyMemory<byte> completion) => CompletionCheck.IsWhole(completion.Span);
}
