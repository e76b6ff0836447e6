using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Ollama's errors: <c>{"error":"text"}</c>, as a body or as a line of a stream. The text is all there is.</summary>
internal sealed partial class OllamaErrors(string provider, Secret? key, TimeProvider time) : ProviderErrors(provider, key, time)
{
    private readonly string _provider = provider;

    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        var message = WireJson.Text(root, "error") ?? WireJson.Text(WireJson.Member(root, "error"), "message");
        if (status == 404 && NotFoundForm().Match(message ?? "") is { Success: true } match)
        {
            var model = match.Groups["model"].Value;
            return new ProviderFault($"Model '{model}' is not pulled at provider '{_provider}': run `ollama pull {model}` on its machine.") { Error = ErrorCode.ModelNotFound };
        }

        return new ProviderFault(message)
        {
            Error = message is not null && message.Contains("context", StringComparison.OrdinalIgnoreCase) && message.Contains("exceed", StringComparison.OrdinalIgnoreCase)
                ? ErrorCode.ContextLengthExceeded
                : null,
        };
    }

    [GeneratedRegex("model ['\"](?<model>[^'\"]{1,200})['\"] not found", RegexOptions.IgnoreCase)]
    private static partial Regex NotFoundForm();
}
