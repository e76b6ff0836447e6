using System.Globalization;
using System.Text;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Usage as CSV.</summary>
internal static class UsageCsv
{
    private const string Sums = "requests,errors,cache_hits,input_tokens,output_tokens,cost_usd,saved_usd,estimated,unpriced";

    /// <summary>Writes a heading, and the rows.</summary>
    public static string Write(IReadOnlyList<UsageGroup> groups, IReadOnlyList<UsageSums> rows)
    {
        var text = new StringBuilder();
        foreach (var group in groups)
        {
            text.Append(group.Name).Append(',');
        }

        text.Append(Sums).Append("\r\n");
        foreach (var row in rows)
        {
            foreach (var group in groups)
            {
                text.Append(CsvField.Of(group.Value(row) ?? "")).Append(',');
            }

            text.Append(
                CultureInfo.InvariantCulture,
                $"{row.Requests},{row.Errors},{row.CacheHits},{row.InputTokens},{row.OutputTokens},{new NanoUsd(row.CostNano)},{new NanoUsd(row.SavedNano)},{row.Estimated},{row.Unpriced}\r\n");
        }

        return text.ToString();
    }
}
