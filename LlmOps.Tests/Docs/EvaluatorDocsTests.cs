using System.Text.RegularExpressions;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;

namespace LlmOps.Tests.Docs;

/// <summary>docs/evaluators.md lists the evaluators that there are, and the settings that each takes.</summary>
public sealed class EvaluatorDocsTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(GeneratedDocs.RepositoryRoot(), "docs", "evaluators.md"));

    // What an evaluator cannot be made without.
    private static readonly Dictionary<string, string> Needed = new()
    {
        ["json_schema"] = "\"schema\":{}",
        ["json_field"] = "\"field\":\"a\"",
        ["length"] = "\"max_words\":1",
        ["not_contains"] = "\"text\":\"a\"",
        ["criteria"] = "\"criteria\":\"a\"",
    };

    // What is told below their table.
    private static readonly Dictionary<string, string[]> OfJudges = new()
    {
        ["judge"] = ["prompt", "version", "model", "task"],
        ["preference"] = ["prompt", "version", "model", "task"],
        ["faithfulness"] = ["prompt", "version", "model"],
        ["criteria"] = ["prompt", "version", "model", "task"],
    };

    public static TheoryData<string> Types => [.. EvaluatorCatalogue.Types];

    [Fact]
    public void Tables_HaveAllEvaluators() => Rows().Select(row => row[0]).ShouldBe(EvaluatorCatalogue.Types, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Table_HasTheSettingsOfTheCode(string type)
    {
        using var gateway = new GatewayClient(new Uri("http://localhost:1"), null, TimeSpan.FromSeconds(1));
        var spec = EvaluatorSpec.Parse($"{type}:{{{(Needed.TryGetValue(type, out var needed) ? needed + "," : "")}\"unknown\":1}}");

        var fault = await Should.ThrowAsync<BadInputException>(async () => await EvaluatorCatalogue.MakeAsync(spec, new EvaluatorContext(gateway, null), default));

        var known = Regex.Match(fault.Message, "unknown is not known here; expected (.*?),? ?name\\.").Groups[1].Value;
        var told = Regex.Matches(Rows().Single(row => row[0] == type)[^1], "`([a-z_]+)`").Select(match => match.Groups[1].Value).Concat(OfJudges.GetValueOrDefault(type, []));
        told.ShouldBe(known.Split(", ", StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true, fault.Message);
    }

    private static IEnumerable<string[]> Rows() =>
        Regex.Matches(Text, @"^\| `([a-z_0-9]+)` \|(.*)\|$", RegexOptions.Multiline).Select(match => (string[])[match.Groups[1].Value, .. match.Groups[2].Value.Split('|')]);
}
