using System.Security.Cryptography;
using System.Text.Json;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Runs;

/// <summary>
/// What answers and scores are kept under: SHA-256 of all that would make them others. Who changes a version's text, a case, a
/// judge's prompt or a model has them made anew; who changes none has them from before.
/// </summary>
internal static class ResultKey
{
    private const string Format = "llmops-result/1";

    /// <summary>Of an answer.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="variant">The variant.</param>
    /// <param name="variables">What its version is given.</param>
    /// <param name="caseId">The case.</param>
    /// <param name="repeat">Which of the repeats, from 1.</param>
    /// <param name="salt">Another one for answers that are not to be those from before; empty otherwise.</param>
    public static string OfAnswer(EvaluationPlan plan, PlannedVariant variant, IReadOnlyDictionary<string, string> variables, string caseId, int repeat, string salt) => Hash(json =>
    {
        json.WriteStringValue(plan.Prompt);
        json.WriteStringValue(variant.Version.Version);
        json.WriteStringValue(variant.Version.ContentHash);
        json.WriteStringValue(variant.AskedModel);
        json.WriteBooleanValue(plan.UsesCache);
        json.WriteStringValue(caseId);
        json.WriteNumberValue(repeat);
        json.WriteStringValue(salt);
        Write(json, variables);
    });

    /// <summary>Of a score.</summary>
    public static string OfScore(IEvaluator evaluator, ScoredAnswer scored, string salt) => Hash(json =>
    {
        json.WriteStringValue(evaluator.Fingerprint);
        json.WriteStringValue(salt);
        Write(json, scored.Answer);
        Write(json, scored.Baseline);
        Write(json, scored.Case);
    });

    private static void Write(Utf8JsonWriter json, Answer? answer)
    {
        json.WriteStringValue(answer?.Text);
        foreach (var call in answer?.ToolCalls ?? [])
        {
            json.WriteStringValue(call.Name);
            json.WriteStringValue(call.Arguments);
        }
    }

    private static void Write(Utf8JsonWriter json, EvaluationCase of)
    {
        json.WriteStringValue(of.Id);
        json.WriteStringValue(of.Expected?.GetRawText());
        json.WriteStringValue(of.Metadata?.GetRawText());
        json.WriteStartArray();
        foreach (var reference in of.References)
        {
            json.WriteStringValue(reference);
        }

        json.WriteEndArray();
        Write(json, of.Variables);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> variables)
    {
        json.WriteStartObject();
        foreach (var (name, value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static string Hash(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            json.WriteStringValue(Format);
            write(json);
            json.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
    }
}
