using System.Text.Json;
using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

/// <summary>Asks the offline model.</summary>
internal static class Ask
{
    public static OfflineChatClient Client() => new("offline", TimeSpan.Zero, TimeProvider.System);

    public static ChatMessage[] Messages(string user, string? system = null) =>
        system is null ? [new(ChatRole.User, user)] : [new(ChatRole.System, system), new(ChatRole.User, user)];

    public static string Text(string user, string? system = null, ChatOptions? options = null) =>
        string.Concat(OfflineAnswer.To(Messages(user, system), options).Contents.OfType<TextContent>().Select(content => content.Text));

    public static async Task<ChatResponse> Response(bool streaming, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        using var client = Client();
        return streaming
            ? await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
            : await client.GetResponseAsync(messages, options);
    }

    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    public static ChatOptions Schema(string schema) => new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(Json(schema)) };

    public static AIFunctionDeclaration Tool(string name, string description, string schema) => AIFunctionFactory.CreateDeclaration(name, description, Json(schema));

    public static AIFunctionDeclaration Weather() => Tool(
        "get_weather",
        "Get the current weather for a location",
        """{"type":"object","properties":{"location":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["location"]}""");

    public static IReadOnlyList<FunctionCallContent> Calls(string user, ChatOptions options, string? system = null) =>
        [.. OfflineAnswer.To(Messages(user, system), options).Contents.OfType<FunctionCallContent>()];
}
