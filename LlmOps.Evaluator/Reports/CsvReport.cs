using System.Globalization;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Evaluator.Reports;

/// <summary>Answers as CSV (RFC 4180): one row a case, variant and repeat; scores as they are, in a column each.</summary>
internal static class CsvReport
{
    private static readonly string[] Columns =
    [
        "case", "tags", "weight", "variant", "repeat", "failure", "model", "provider", "finish_reason", "latency_ms", "input_tokens", "output_tokens", "cost_usd", "request_id",
    ];

    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(EvaluationResult result, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, ReportText.Encoding, leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(Line([.. Columns, .. result.Metrics.Select(metric => CsvField.Of($"score_{metric.Name}")), "score_failures", "answer"]));
        foreach (var each in result.Cases)
        {
            foreach (var answer in each.Answers)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await writer.WriteLineAsync(Line(Row(result, each, answer)));
            }
        }
    }

    private static List<string> Row(EvaluationResult result, CaseResult each, AnswerResult given)
    {
        var answer = given.Answer;
        var failures = given.Scores.Where(score => score.Value.Failure is not null).Select(score => $"{score.Key}: {score.Value.Failure}");
        return
        [
            CsvField.Of(each.Id),
            CsvField.Of(string.Join(' ', each.Tags)),
            Number(each.Weight),
            CsvField.Of(given.Variant),
            Number(given.Repeat),
            CsvField.Of(given.Failure ?? ""),
            CsvField.Of(answer?.Model ?? ""),
            CsvField.Of(answer?.Provider ?? ""),
            CsvField.Of(answer?.FinishReason ?? ""),
            Number(answer?.LatencyMs),
            Number(answer?.InputTokens),
            Number(answer?.OutputTokens),
            Number(answer?.CostUsd),
            CsvField.Of(answer?.RequestId ?? ""),
            .. result.Metrics.Select(metric => Number(given.Scores.GetValueOrDefault(metric.Name)?.Value)),
            CsvField.Of(string.Join("; ", failures)),
            CsvField.Of(answer?.Text ?? ""),
        ];
    }

    private static string Line(IEnumerable<string> fields) => string.Join(',', fields);

    private static string Number(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
