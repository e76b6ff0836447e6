using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How sure a model was of its words, as far as its provider tells.</summary>
internal static class Confidence
{
    /// <summary>The mean probability of the tokens of an answer, 0 to 1; null where none are told.</summary>
    public static double? Of(ChatResponse response)
    {
        var logprobs = response.RawRepresentation is OpenAIPayload payload
            ? Read(payload.Json)
            : [.. response.Messages.FirstOrDefault()?.Contents.OfType<LogprobsContent>().SelectMany(content => content.Tokens).Select(token => token.Logprob) ?? []];
        return logprobs.Count == 0 ? null : Math.Round(logprobs.Average(logprob => Math.Min(Math.Exp(logprob), 1)), 4);
    }

    // The typed answer leaves them in the provider's bytes.
    private static List<double> Read(ReadOnlyMemory<byte> completion)
    {
        using var document = JsonDocument.Parse(completion);
        var choice = WireJson.Items(document.RootElement, "choices").FirstOrDefault();
        return [.. WireJson.Items(WireJson.Member(choice, "logprobs"), "content").Select(token => WireJson.Member(token, "logprob")).Where(logprob => logprob is { ValueKind: JsonValueKind.Number }).Select(logprob => logprob!.Value.GetDouble())];
    }
}
