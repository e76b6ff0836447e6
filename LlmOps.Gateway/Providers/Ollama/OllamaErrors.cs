using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Ollama's errors: <c>{"error":"text"}</c>, as a body or as a line of a stream. The text is all there is.</summary>
internal sealed partial class OllamaErrors(string provider, ProviderKeys keys, TimeProvider time) : ProviderErrors(provider, keys, time)
{
    private readonly string _provider = provider;

    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        var message = Inner(WireJson.Text(root, "error")) ?? WireJson.Text(WireJson.Member(root, "error"), "message");
        if (status == 404 && NotFoundForm().Match(message ?? "") is { Success: true } match)
        {
            var model = match.Groups["model"].Value;
            return new ProviderFault($"Model '{model}' is not pulled at provider '{_provider}': run `ollama pull {model}` on its machine.") { Error = ErrorCode.ModelNotFound };
        }

        return new ProviderFault(message)
        {
            Error = message is not null && ContextForm().IsMatch(message) ? ErrorCode.ContextLengthExceeded : null,
        };
    }

    // What the program that runs the model says may come whole, as JSON inside of the text.
    private static string? Inner(string? text)
    {
        if (text?.StartsWith('{') != true)
        {
            return text;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return WireJson.Text(WireJson.Member(document.RootElement, "error"), "message") ?? WireJson.Text(document.RootElement, "error") ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    // Not "context deadline exceeded", which is Go's word for a time-out.
    [GeneratedRegex("exceed.*context (length|size|window)|context (length|size|window).*exceed", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex ContextForm();

    [GeneratedRegex("model ['\"](?<model>[^'\"]{1,200})['\"] not found", RegexOptions.IgnoreCase)]
    private static partial Regex NotFoundForm();
}
