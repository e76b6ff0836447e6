using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>
/// The report as one page that needs nothing but itself: template, styles and scripts of Html/, and the result as JSON within, which the scripts
/// make all tables and charts from. Its policy lets nothing else run, nor anything be asked for.
/// </summary>
internal static partial class HtmlReport
{
    /// <summary>Styles, in the order of their cascade.</summary>
    private static readonly string[] Styles = ["page.css", "charts.css", "cases.css"];

    /// <summary>Scripts, each of which uses those before it; all are one, with one scope.</summary>
    private static readonly string[] Scripts =
    [
        "numbers.js", "elements.js", "result.js", "charts.js", "verdicts.js", "forest.js", "distributions.js", "differences.js", "tradeoffs.js", "tags.js", "judges.js",
        "diff.js", "answers.js", "cases.js", "run.js", "page.js",
    ];

    private static readonly Lazy<Parts> Template = new(Load);

    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(EvaluationResult result, Stream stream, CancellationToken cancellationToken)
    {
        var parts = Template.Value;
        foreach (var (text, place) in parts.Pieces)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            if (place == "data")
            {
                await ReportJson.WriteAsync(result, stream, cancellationToken);
            }
            else if (place.Length > 0)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Filled(place, result, parts)), cancellationToken);
            }
        }
    }

    private static string Filled(string place, EvaluationResult result, Parts parts) => place switch
    {
        "policy" => $"default-src 'none'; style-src {Hash(parts.Style)}; script-src {Hash(parts.Theme)} {Hash(parts.Script)}; img-src data:; base-uri 'none'; form-action 'none'",
        "style" => parts.Style,
        "theme" => parts.Theme,
        "script" => parts.Script,
        "title" => WebUtility.HtmlEncode(VerdictLabels.Title(result)),
        "headlines" => string.Concat(VerdictLabels.Headlines(result).Select(headline => $"<p>{WebUtility.HtmlEncode(headline)}</p>")),
        _ => throw new InvalidOperationException($"The template has a place that nothing is known of: {place}."),
    };

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static Parts Load()
    {
        var script = $"(() => {{\n'use strict';\n{string.Concat(Scripts.Select(Read))}}})();\n";
        return new Parts(Split(Read("report.html")), string.Concat(Styles.Select(Read)), Read("theme.js"), script);
    }

    // The text before each place, and the place; after the last none.
    private static List<(string Text, string Place)> Split(string template)
    {
        var pieces = new List<(string, string)>();
        var from = 0;
        foreach (Match place in Place().Matches(template))
        {
            pieces.Add((template[from..place.Index], place.Groups[1].Value));
            from = place.Index + place.Length;
        }

        pieces.Add((template[from..], ""));
        return pieces;
    }

    private static string Read(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"LlmOps.Evaluator.Reports.Html.{name}")!;
        using var reader = new StreamReader(stream);
        // What is hashed is what the browser reads, which has no carriage returns.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Place();

    private sealed record Parts(List<(string Text, string Place)> Pieces, string Style, string Theme, string Script);
}
