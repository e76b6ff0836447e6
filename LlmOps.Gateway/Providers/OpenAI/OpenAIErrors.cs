using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// Every error shape that OpenAI and compatible servers are known to send: <c>{"error":{…}}</c> (code a text or, at
/// OpenRouter, a number), <c>{"error":"…"}</c>, <c>{"message","code"}</c>, <c>{"detail":…}</c>, with an error status or
/// inside a 200.
/// </summary>
internal sealed class OpenAIErrors(string provider, ProviderKeys keys, TimeProvider time) : ProviderErrors(provider, keys, time)
{
    /// <inheritdoc/>
    protected override bool KeepsBytes => true;

    /// <inheritdoc/>
    // Groq tells errors of its own beside an answer.
    protected override bool IsError(JsonElement root) => base.IsError(root) || GroqError(root) is not null;

    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        if (status == 200 && !base.IsError(root) && GroqError(root) is not null)
        {
            root = WireJson.Member(root, "x_groq")!.Value;
        }

        var error = WireJson.Member(root, "error") ?? root;
        if (error.ValueKind == JsonValueKind.String)
        {
            return new ProviderFault(WireJson.Text(error));
        }

        var message = WireJson.Text(error, "message")
            ?? WireJson.Text(error, "detail")
            ?? WireJson.Member(error, "detail")?.GetRawText();
        var code = WireJson.Member(error, "code") switch
        {
            { ValueKind: JsonValueKind.String } text => WireJson.Text(text),
            { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
            _ => null,
        };

        // OpenRouter's and vLLM's codes are statuses; OpenRouter has its words elsewhere.
        int? upstream = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var numeric) && numeric is >= 400 and <= 599 ? numeric : null;
        var metadata = WireJson.Member(error, "metadata");
        return new ProviderFault(message, WireJson.Text(error, "type"), WireJson.Text(error, "param"), upstream is null ? code : WireJson.Text(metadata, "error_type"))
        {
            Status = upstream,
            Error = (status == 200 ? upstream ?? status : status) switch
            {
                // OpenRouter's 403 is a moderation finding when its metadata has reasons; else it is about the key.
                403 when WireJson.Member(metadata, "reasons") is not null => ErrorCode.ContentFilter,

                // Servers without codes say it in words.
                400 when message?.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) == true => ErrorCode.ContextLengthExceeded,
                _ => null,
            },
        };
    }

    private static JsonElement? GroqError(JsonElement root) => WireJson.Member(WireJson.Member(root, "x_groq"), "error");
}
