using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Langfuse;

namespace LlmOps.Evaluator.Publishing;

/// <summary>A variant's answer to a case in Langfuse's words, whichever way it is sent.</summary>
internal sealed class LangfuseAnswer
{
    private const int LongestTag = 200;

    public LangfuseAnswer(EvaluationResult evaluation, LangfuseNames names, CaseResult of, AnswerResult result)
    {
        (Evaluation, Names, Case, Result) = (evaluation, names, of, result);
        Variant = evaluation.Variants.First(variant => variant.Name == result.Variant);
        TraceId = names.Trace(of, result);
        if (result.Answer is { } answer)
        {
            Call = new LedgerAttempt(
                TelemetryNames.Chat, answer.Provider, answer.Model, LedgerEntry.Ok, answer.InputTokens, answer.OutputTokens, answer.CostUsd is { } cost ? NanoUsd.FromDollars(cost) : null,
                IsEstimated: false, answer.LatencyMs);
        }
    }

    public EvaluationResult Evaluation { get; }

    public LangfuseNames Names { get; }

    public CaseResult Case { get; }

    public AnswerResult Result { get; }

    public Variant Variant { get; }

    /// <summary>The trace's id.</summary>
    public string TraceId { get; }

    /// <summary>What it took; null where there is no answer.</summary>
    public LedgerAttempt? Call { get; }

    /// <summary>The trace's name.</summary>
    public string Name => $"evaluation {Evaluation.Prompt}";

    /// <summary>The prompt's version, as a number; null where it has none.</summary>
    public int? Version => VersionName.Parse(Variant.Version);

    /// <summary>When it is told to have begun: answers have no times of their own.</summary>
    public DateTimeOffset At => Evaluation.StartedAt;

    /// <summary>When it is told to have ended.</summary>
    public DateTimeOffset EndedAt => At.AddMilliseconds(Result.Answer?.LatencyMs ?? 0);

    /// <summary>What it can be found by.</summary>
    public string[] Tags =>
        [.. new[] { "evaluation", $"prompt:{Evaluation.Prompt}", $"variant:{Variant.Name}" }.Concat(Case.Tags.Select(tag => $"case:{tag}")).Select(tag => tag.Length > LongestTag ? tag[..LongestTag] : tag)];

    /// <summary>What is known of it besides.</summary>
    public Dictionary<string, object> Details
    {
        get
        {
            (string Name, object? Value)[] all =
            [
                ("evaluation", Evaluation.Id), ("case", Case.Id), ("variant", Variant.Name), ("version", Variant.Version), ("content_hash", Variant.ContentHash), ("repeat", Result.Repeat),
                ("provider", Result.Answer?.Provider), ("finish_reason", Result.Answer?.FinishReason), ("request_id", Result.Answer?.RequestId), ("gateway", Evaluation.Run.Gateway),
            ];
            return all.Where(each => each.Value is not null).ToDictionary(each => each.Name, each => each.Value!);
        }
    }

    /// <summary>The values of the prompt's variables.</summary>
    public void WriteInput(Utf8JsonWriter json) => json.WriteTextMap(Case.Variables);

    /// <summary>The answer's text; with the functions that it wants called, where it wants any.</summary>
    public void WriteOutput(Utf8JsonWriter json)
    {
        var answer = Result.Answer!;
        if (answer.ToolCalls.Count == 0)
        {
            json.WriteStringValue(answer.Text);
            return;
        }

        json.WriteStartObject();
        json.WriteString("content", answer.Text);
        json.WriteStartArray("tool_calls");
        foreach (var call in answer.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What the version asks of the model. Langfuse takes plain values: others as the text of their JSON.</summary>
    public void WriteParameters(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in Variant.Parameters)
        {
            json.WritePropertyName(name);
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
            {
                json.WriteStringValue(value.GetRawText());
            }
            else
            {
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }
}
