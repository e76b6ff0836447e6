using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Tests.Configuration;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>An answer reduced to what callers see of it, so that two ways to it can be compared.</summary>
internal sealed record SeenAnswer(string Text, string Reasoning, string Refusal, string ToolCalls, string? FinishReason, string Usage)
{
    public static SeenAnswer Of(IEnumerable<AIContent> contents, ChatFinishReason? finishReason, UsageDetails? usage)
    {
        var all = contents.ToList();
        return new SeenAnswer(
            string.Concat(all.OfType<TextContent>().Select(text => text.Text)),
            string.Concat(all.OfType<TextReasoningContent>().Select(text => text.Text)),
            string.Concat(all.OfType<ErrorContent>().Select(error => error.Message)),
            string.Join("; ", all.OfType<FunctionCallContent>().Select(call => $"{call.CallId} {call.Name} {OpenAIContent.ArgumentsText(call)}")),
            finishReason?.Value,
            usage is null ? "" : $"{usage.InputTokenCount}+{usage.OutputTokenCount}={usage.TotalTokenCount} cached {usage.CachedInputTokenCount} reasoning {usage.ReasoningTokenCount}");
    }
}

/// <summary>Calls the provider's client alone, over a given transport.</summary>
internal static class OpenAIExchange
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Hello")];

    public static async Task<SeenAnswer> CompleteAsync(ProviderTransport transport, Uri baseUrl)
    {
        using var client = Client(transport, baseUrl);
        var response = await client.GetResponseAsync(Messages, Options());
        return SeenAnswer.Of(response.Messages.SelectMany(message => message.Contents), response.FinishReason, response.Usage);
    }

    public static async Task<SeenAnswer> StreamAsync(ProviderTransport transport, Uri baseUrl)
    {
        using var client = Client(transport, baseUrl);
        List<AIContent> contents = [];
        ChatFinishReason? finishReason = null;
        await foreach (var update in client.GetStreamingResponseAsync(Messages, Options()))
        {
            contents.AddRange(update.Contents);
            finishReason = update.FinishReason ?? finishReason;
        }

        return SeenAnswer.Of(contents, finishReason, contents.OfType<UsageContent>().LastOrDefault()?.Details);
    }

    private static ProviderChatClient Client(ProviderTransport transport, Uri baseUrl) =>
        new("fake", new OpenAIProtocol("fake", baseUrl, new ProviderOptions { ApiKey = new Secret(GatewayApplication.ProviderKey) }, askForUsage: true, TimeProvider.System), transport);

    private static GatewayChatOptions Options() => new()
    {
        ModelId = "gpt-4o-mini",
        Request = new GatewayRequest
        {
            RequestId = "test",
            Endpoint = "/test",
            Principal = Principal.Local,
            Configuration = ConfigurationTests.Build(),
            StartedAt = 0,
            CallerGone = default,
            Cancelled = default,
        },
    };
}
