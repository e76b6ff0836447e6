using System.Net;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers;

/// <summary>An answer reduced to what callers see of it, so that two ways to it can be compared. Ids that the gateway makes are left out.</summary>
internal sealed partial record SeenAnswer(
    string Text, string Reasoning, string Refusal, string ToolCalls, string Logprobs, string Beyond, string? FinishReason, string Usage)
{
    public static SeenAnswer Of(IEnumerable<AIContent> contents, ChatFinishReason? finishReason, UsageDetails? usage)
    {
        var all = contents.ToList();
        return new SeenAnswer(
            string.Concat(all.OfType<TextContent>().Select(text => text.Text)),
            string.Concat(all.OfType<TextReasoningContent>().Select(text => text.Text)),
            string.Concat(all.OfType<ErrorContent>().Select(error => error.Message)),
            string.Join("; ", all.OfType<FunctionCallContent>().Select(call => $"{OwnId().Replace(call.CallId, "call")} {call.Name} {OpenAIContent.ArgumentsText(call)}")),
            string.Join("; ", all.OfType<LogprobsContent>().SelectMany(logprobs => logprobs.Tokens).Select(token => $"{token.Token} {token.Logprob} {string.Join(',', token.Top)}")),
            string.Join("; ", all.OfType<MessageExtension>().Select(extension => $"{extension.Field} {extension.Value}")
                .Concat(all.SelectMany(content => content.Annotations ?? []).OfType<CitationAnnotation>().Select(citation => $"{citation.Url} {citation.Title}"))
                .Concat(all.OfType<DataContent>().Select(data => data.Uri))),
            finishReason?.Value,
            usage is null ? "" : $"{usage.InputTokenCount}+{usage.OutputTokenCount}={usage.TotalTokenCount} cached {usage.CachedInputTokenCount} reasoning {usage.ReasoningTokenCount}");
    }

    [GeneratedRegex("call_[0-9a-f]{24}(?![0-9a-zA-Z])")]
    private static partial Regex OwnId();
}

/// <summary>Calls a provider's protocol alone, over a given transport.</summary>
internal static class ProviderExchange
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Hello")];

    public static async Task<SeenAnswer> CompleteAsync(ProviderTransport transport, IChatProtocol protocol)
    {
        using var client = new ProviderChatClient("fake", protocol, transport);
        var response = await client.GetResponseAsync(Messages, Options());
        return SeenAnswer.Of(response.Messages.SelectMany(message => message.Contents), response.FinishReason, response.Usage);
    }

    public static async Task<SeenAnswer> StreamAsync(ProviderTransport transport, IChatProtocol protocol)
    {
        using var client = new ProviderChatClient("fake", protocol, transport);
        List<AIContent> contents = [];
        ChatFinishReason? finishReason = null;
        await foreach (var update in client.GetStreamingResponseAsync(Messages, Options()))
        {
            contents.AddRange(update.Contents);
            finishReason = update.FinishReason ?? finishReason;
        }

        return SeenAnswer.Of(contents, finishReason, contents.OfType<UsageContent>().LastOrDefault()?.Details);
    }

    /// <summary>The answer of a stream whose bytes come in exactly these pieces.</summary>
    public static async Task<SeenAnswer> StreamAsync(byte[][] pieces, IChatProtocol protocol)
    {
        using var transport = new ProviderTransport(TimeProvider.System, new PiecesHandler(pieces, protocol.StreamMediaType));
        return await StreamAsync(transport, protocol);
    }

    private static GatewayChatOptions Options()
    {
        var request = FakeRequests.Bare();
        return new GatewayChatOptions { ModelId = "gpt-4o-mini", Request = request, Attempt = FakeRequests.Attempt(request) };
    }

    /// <summary>Answers with a body of which each read gives exactly one piece.</summary>
    private sealed class PiecesHandler(byte[][] pieces, string mediaType) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new PiecesStream(pieces));
            content.Headers.ContentType = new(mediaType);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }

    private sealed class PiecesStream(byte[][] pieces) : MemoryStream
    {
        private readonly Queue<ReadOnlyMemory<byte>> _pieces = new(pieces.Where(piece => piece.Length > 0).Select(piece => (ReadOnlyMemory<byte>)piece));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_pieces.TryDequeue(out var piece))
            {
                return ValueTask.FromResult(0);
            }

            var length = Math.Min(piece.Length, buffer.Length);
            piece[..length].CopyTo(buffer);
            if (length < piece.Length)
            {
                // What did not fit comes first again.
                var rest = _pieces.ToArray();
                _pieces.Clear();
                _pieces.Enqueue(piece[length..]);
                Array.ForEach(rest, _pieces.Enqueue);
            }

            return ValueTask.FromResult(length);
        }
    }
}
