using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace LlmOps.Tests.Fakes;

/// <summary>A request as it came over the wire, and what became of its connection and reply.</summary>
internal sealed class ReceivedRequest
{
    private readonly TaskCompletionSource<ReplyOutcome> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<JsonElement> _json;

    public ReceivedRequest(RequestHead head, byte[] body)
    {
        string[] target = head.Target.Split('?', 2);
        Method = head.Method;
        Path = target[0];
        Query = QueryHelpers.ParseQuery(target.Length > 1 ? target[1] : null);
        Headers = head.Headers;
        Body = body;
        _json = new(() =>
        {
            using JsonDocument document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        });
    }

    public string Method { get; }

    /// <summary>The path as sent, still percent-encoded.</summary>
    public string Path { get; }

    public IReadOnlyDictionary<string, StringValues> Query { get; }

    /// <summary>The headers by case-insensitive name; an absent one is empty, a repeated one has several values.</summary>
    public IHeaderDictionary Headers { get; }

    /// <summary>The body without its transfer coding.</summary>
    public byte[] Body { get; }

    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON; throws when it is none.</summary>
    public JsonElement Json => _json.Value;

    /// <summary>The server's connections count from 1.</summary>
    public required int ConnectionNumber { get; init; }

    /// <summary>The requests of a connection count from 1, so anything above means that the client reused it.</summary>
    public required int NumberOnConnection { get; init; }

    /// <summary>
    /// Completes when the client closes or resets the connection, during the reply or later. It is cancelled when the
    /// server ended the connection first by a reset or by its own disposal.
    /// </summary>
    public required Task<ClientClose> ConnectionClosed { get; init; }

    /// <summary>Completes when the reply's script is over.</summary>
    public Task<ReplyOutcome> ReplyFinished => _reply.Task;

    internal void FinishReply(ReplyOutcome outcome) => _reply.TrySetResult(outcome);
}
