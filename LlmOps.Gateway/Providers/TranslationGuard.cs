using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Stands before a provider of another protocol than the caller's: what the typed request cannot carry there is a 400
/// that names the field, never silently dropped.
/// </summary>
/// <param name="innerClient">The provider.</param>
/// <param name="translated">The top-level fields of the caller's protocol that reach the provider, or have no effect on any answer.</param>
internal sealed class TranslationGuard(IChatClient innerClient, IReadOnlySet<string> translated) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(GatewayChatOptions.Of(options));
        return base.GetResponseAsync(messages, options, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(GatewayChatOptions.Of(options));
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    private void Check(GatewayChatOptions options)
    {
        if (options.Original is not { } original)
        {
            return;
        }

        foreach (var field in original.Body.Root.EnumerateObject())
        {
            if (!translated.Contains(field.Name) && !IsNeutral(field))
            {
                throw Unsupported(options, Shown.Short(field.Name));
            }
        }

        var index = 0;
        foreach (var message in original.Body.Root.GetProperty("messages").EnumerateArray())
        {
            if (message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
            {
                CheckParts(options, content, $"messages[{index}].content");
            }

            index++;
        }
    }

    private static void CheckParts(GatewayChatOptions options, JsonElement content, string path)
    {
        var index = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (part.GetProperty("type").GetString() is not ("text" or "image_url" or "refusal"))
            {
                throw Unsupported(options, $"{path}[{index}]");
            }

            index++;
        }
    }

    // What says "no" or "one" asks for nothing: n: 1, logprobs: false, modalities: ["text"].
    private static bool IsNeutral(JsonProperty field) => field.Value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => field.NameEquals("n") && field.Value.TryGetInt32(out var choices) && choices == 1,
        JsonValueKind.Array => field.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.ValueEquals("text")),
        JsonValueKind.Object => !field.Value.EnumerateObject().Any(),
        _ => false,
    };

    private static ProviderException Unsupported(GatewayChatOptions options, string field)
    {
        var target = options.Request.Target!;
        return new ProviderException(
            ErrorCode.UnsupportedParameter, target.Provider, $"{field} is not supported by model '{target.Model}' of provider '{target.Provider}'.", field);
    }
}
