using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>A complete answer, as it was sent.</summary>
/// <param name="Fingerprint">Of the request that it was given to.</param>
/// <param name="Facts">What is known of it beside its body.</param>
/// <param name="Body">The bytes of its body.</param>
internal sealed partial record IdempotentAnswer(string Fingerprint, IdempotentAnswer.AnswerFacts Facts, ReadOnlyMemory<byte> Body)
{
    /// <summary>What the bytes of an answer begin with in Redis.</summary>
    public const byte Mark = (byte)'A';

    private const string OwnHeaders = "X-LlmOps-";
    private const int Head = 1 + IdempotentRequest.FingerprintLength + sizeof(int);

    // About what objects, and texts of usual length, take beside the body.
    private const int Overhead = 2048;

    // They tell how a request was served: of each its own.
    private static readonly FrozenSet<string> NotRepeated = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "X-LlmOps-Attempts", "X-LlmOps-Budget-Used", "X-LlmOps-Config", "X-LlmOps-Cost-Estimated", "X-LlmOps-Cost-USD", "X-LlmOps-Degraded");

    /// <summary>The memory it takes, in bytes.</summary>
    public int Size => Body.Length + Overhead;

    /// <summary>The answer of a request that is over.</summary>
    public static IdempotentAnswer Of(IdempotentRequest asked, HttpResponse response, ReadOnlyMemory<byte> body, GatewayRequest request) => new(
        asked.Fingerprint,
        new AnswerFacts(
            response.ContentType,
            response.Headers.Where(IsRepeated).ToDictionary(header => header.Key, header => header.Value.ToString()),
            request.Streaming,
            request.Model,
            request.Provider,
            request.ProviderModel,
            (request.Reused is { } reused ? reused.Saved : request.Cost)?.Value),
        body);

    /// <summary>Reads the bytes of an answer.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out IdempotentAnswer? answer)
    {
        answer = null;
        var span = bytes.Span;
        if (span.Length < Head || span[0] != Mark || BinaryPrimitives.ReadInt32LittleEndian(span[(Head - sizeof(int))..]) is var length && (length < 0 || length > span.Length - Head))
        {
            return false;
        }

        var fingerprint = Encoding.ASCII.GetString(span.Slice(1, IdempotentRequest.FingerprintLength));
        answer = JsonSerializer.Deserialize(span.Slice(Head, length), AnswerContext.Default.AnswerFacts) is { } facts
            ? new IdempotentAnswer(fingerprint, facts, bytes[(Head + length)..])
            : null;
        return answer is not null;
    }

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes()
    {
        var facts = JsonSerializer.SerializeToUtf8Bytes(Facts, AnswerContext.Default.AnswerFacts);
        var bytes = new byte[Head + facts.Length + Body.Length];
        bytes[0] = Mark;
        Encoding.ASCII.GetBytes(Fingerprint, bytes.AsSpan(1));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Head - sizeof(int)), facts.Length);
        facts.CopyTo(bytes, Head);
        Body.Span.CopyTo(bytes.AsSpan(Head + facts.Length));
        return bytes;
    }

    private static bool IsRepeated(KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> header) =>
        header.Key is "Cache-Control" or "X-Accel-Buffering" || (header.Key.StartsWith(OwnHeaders, StringComparison.OrdinalIgnoreCase) && !NotRepeated.Contains(header.Key));

    /// <summary>What is known of an answer beside its body.</summary>
    /// <param name="ContentType">Its Content-Type.</param>
    /// <param name="Headers">The headers that it is given again with.</param>
    /// <param name="Stream">Whether it is a stream.</param>
    /// <param name="Model">The model as the caller named it.</param>
    /// <param name="Provider">Whose answer it is.</param>
    /// <param name="ProviderModel">That provider's name for the model.</param>
    /// <param name="Nano">What it had cost when it was given first, in nano-USD; null where that is not known.</param>
    internal sealed record AnswerFacts(string? ContentType, IReadOnlyDictionary<string, string> Headers, bool Stream, string? Model, string? Provider, string? ProviderModel, long? Nano)
    {
        /// <summary>The same for a request that it is given to again.</summary>
        public ReusedAnswer? Reused => Provider is null || ProviderModel is null ? null : new ReusedAnswer(Provider, ProviderModel, Nano is { } nano ? new NanoUsd(nano) : null, Usage: null);
    }

    [JsonSerializable(typeof(AnswerFacts))]
    internal sealed partial class AnswerContext : JsonSerializerContext;
}
