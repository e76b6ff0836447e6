using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Access.Parameters;

/// <summary>
/// Holds the parameters of a chat to what its route and its caller's key allow, before anything is spent. What is asked for
/// outside is refused; what nobody asked for, as the endpoint's or the provider's default, is moved into the range.
/// </summary>
internal static class ParameterCheck
{
    // What providers take for temperature and top_p where a request says nothing.
    private const float Untold = 1;

    /// <summary>Checks a chat whose model is known, and settles what it does not say.</summary>
    /// <exception cref="GatewayException">400: a parameter lies outside; the message has the range.</exception>
    public static void Hold(GatewayRequest facts, GatewayChatOptions options)
    {
        List<(ParameterPolicy Policy, string Whose)>? held = null;
        foreach (var (path, policy) in facts.Configuration.Options.Access.Routes)
        {
            if (RoutePolicy.HoldsFor(path, facts.Endpoint))
            {
                (held ??= []).Add((policy, $"on {path}"));
            }
        }

        if (facts.Principal.Parameters is { } own)
        {
            (held ??= []).Add((own, "with this key"));
        }

        // All of them are settled before any is checked: what one moves, another may refuse.
        held?.ForEach(each => Settle(each.Policy, facts, options));
        held?.ForEach(each => Check(each.Policy, each.Whose, options));
    }

    private static void Settle(ParameterPolicy policy, GatewayRequest facts, GatewayChatOptions options)
    {
        // A model that samples as it likes refuses to be told how.
        var samplesFreely = facts.Route!.Target.Pricing.Facts?.Features?.Contains(ModelFeatures.FixedSampling) != true;
        if ((options.Temperature is null ? samplesFreely : options.TemperatureIsDefault)
            && Settled(options.Temperature, Ollama(options, "temperature"), policy.TemperatureMin, policy.TemperatureMax, ParameterPolicy.HighestTemperature) is { } temperature)
        {
            options.Temperature = temperature;
            Tell(facts, options, "temperature", temperature.ToString(CultureInfo.InvariantCulture));
        }

        if (options.TopP is null && samplesFreely
            && Settled(null, Ollama(options, "top_p"), policy.TopPMin, policy.TopPMax, ParameterPolicy.HighestTopP) is { } topP)
        {
            options.TopP = topP;
            Tell(facts, options, "top_p", topP.ToString(CultureInfo.InvariantCulture));
        }

        if (policy.MaxTokensMax is { } most && (options.MaxOutputTokens is null || options.MaxTokensIsDefault))
        {
            var asked = Ollama(options, "num_predict") is { } told && told.TryGetInt32(out var count) && count > 0 ? count : options.MaxOutputTokens;
            options.MaxOutputTokens = asked < most ? asked : most;

            // OpenAI's newer models know the newer name alone, which not all other servers know.
            Tell(facts, options, facts.Route.Target.Provider == KnownProviders.OpenAI ? "max_completion_tokens" : "max_tokens", options.MaxOutputTokens.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    // What to send in place of nothing, or of a default; null where that is in the range anyway.
    private static float? Settled(float? byDefault, JsonElement? ollama, float? min, float? max, float highest)
    {
        var assumed = ollama is { } told && told.TryGetSingle(out var given) ? given : byDefault ?? Untold;
        var settled = Math.Clamp(assumed, min ?? 0, max ?? highest);
        return (min ?? max) is null || settled == (byDefault ?? Untold) ? null : settled;
    }

    // The caller's bytes are what goes to a provider of their protocol, and what the cache knows the request by.
    private static void Tell(GatewayRequest facts, GatewayChatOptions options, string name, string json)
    {
        if (options.Original is { } original)
        {
            facts.Asked = options.Original = original.With(name, json);
        }
    }

    private static void Check(ParameterPolicy policy, string whose, GatewayChatOptions options)
    {
        CheckNumber("temperature", options, options.Temperature, policy.TemperatureMin, policy.TemperatureMax, ParameterPolicy.HighestTemperature, whose);
        CheckNumber("top_p", options, options.TopP, policy.TopPMin, policy.TopPMax, ParameterPolicy.HighestTopP, whose);
        if (policy.MaxTokensMax is { } mostTokens)
        {
            var newer = options.Extra("max_completion_tokens") is { } completion && completion.TryGetInt32(out var told) && told == options.MaxOutputTokens;
            CheckCount(newer ? "max_completion_tokens" : "max_tokens", options.MaxOutputTokens, mostTokens, whose);
            CheckCount("options.num_predict", Ollama(options, "num_predict")?.GetDouble(), mostTokens, whose);
        }

        if (policy.NMax is { } mostChoices)
        {
            CheckCount("n", options.Extra("n")?.GetDouble(), mostChoices, whose);
        }
    }

    private static void CheckNumber(string name, GatewayChatOptions options, float? value, float? min, float? max, float highest, string whose)
    {
        if ((min ?? max) is null)
        {
            return;
        }

        CheckRange(Ollama(options, name) is { } told ? (float)told.GetDouble() : null, $"options.{name}");
        CheckRange(value, name);

        void CheckRange(float? number, string field)
        {
            if (number < (min ?? 0) || number > (max ?? highest))
            {
                throw Outside(field, number.Value, string.Create(CultureInfo.InvariantCulture, $"a number from {min ?? 0} to {max ?? highest}"), whose);
            }
        }
    }

    private static void CheckCount(string field, double? value, int most, string whose)
    {
        if (value is { } count && !(count >= 1 && count <= most))
        {
            throw Outside(field, count, string.Create(CultureInfo.InvariantCulture, $"a whole number from 1 to {most}"), whose);
        }
    }

    private static GatewayException Outside(string field, double value, string expected, string whose) =>
        new(ErrorCode.InvalidValue, string.Create(CultureInfo.InvariantCulture, $"{field} is {(float)value}; expected {expected} {whose}."), field);

    // A number among Ollama's own options, which say the same in other words.
    private static JsonElement? Ollama(GatewayChatOptions options, string name) =>
        options.Extra("options") is { ValueKind: JsonValueKind.Object } own && own.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value : null;
}
