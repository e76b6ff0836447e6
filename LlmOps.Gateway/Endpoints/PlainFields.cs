using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What the bodies of the endpoints outside /v1 have in common.</summary>
internal static class PlainFields
{
    /// <summary>Refuses a field that the endpoint has not: one whose name is mistyped must not be passed over.</summary>
    /// <exception cref="GatewayException">400, with the field.</exception>
    public static void RefuseUnknown(JsonBody body, string[] known)
    {
        foreach (var field in body.Root.EnumerateObject().Where(field => !known.Contains(field.Name)))
        {
            throw new GatewayException(ErrorCode.UnsupportedParameter, $"{Shown.Short(field.Name)} is not a field of this endpoint; expected one of {string.Join(", ", known)}.", Shown.Short(field.Name));
        }
    }

    /// <summary>A label, as X-LlmOps-User and X-LlmOps-Session are.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static string Label(JsonBody body, JsonElement value) => body.ShortText(value, ModelCallEndpoint.LongestLabel);

    /// <summary>temperature and max_tokens, or their defaults.</summary>
    /// <param name="body">The body.</param>
    /// <param name="temperature">The temperature where it names none.</param>
    /// <param name="maxTokens">The most tokens where it names none.</param>
    /// <param name="wantsLogprobs">Whether the probabilities of the answer's tokens are wanted.</param>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static GatewayChatOptions Options(JsonBody body, float temperature, int maxTokens, bool wantsLogprobs = false)
    {
        float? ownTemperature = JsonBody.Optional(body.Root, "temperature"u8) is { } given ? (float)body.Number(given, 0, 2) : null;
        int? ownMaxTokens = JsonBody.Optional(body.Root, "max_tokens"u8) is { } most ? (int)body.Integer(most, 1, int.MaxValue) : null;
        return new GatewayChatOptions
        {
            Temperature = ownTemperature ?? temperature,
            TemperatureIsDefault = ownTemperature is null,
            MaxOutputTokens = ownMaxTokens ?? maxTokens,
            MaxTokensIsDefault = ownMaxTokens is null,
            WantsLogprobs = wantsLogprobs,
        };
    }
}
