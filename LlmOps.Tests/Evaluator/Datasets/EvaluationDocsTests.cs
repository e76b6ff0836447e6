using System.Text.RegularExpressions;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Gates;
using LlmOps.Tests.Docs;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>What docs/evaluation-files.md shows is read as it says.</summary>
public sealed partial class EvaluationDocsTests : IDisposable
{
    private static readonly string Document = File.ReadAllText(Path.Combine(GeneratedDocs.RepositoryRoot(), "docs", "evaluation-files.md"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Dataset_IsRead()
    {
        var cases = (await _folder.ReadAsync("dataset.jsonl", Block("jsonl"))).Cases;

        cases.Select(each => (each.Id, each.ExpectedText, each.Weight)).ShouldBe([("refund", "billing", 1), ("crash", "technical", 2)]);
    }

    [Fact]
    public async Task EvaluationFile_IsRead()
    {
        var file = await EvaluationFile.ReadAsync(_folder.Write("eval.yaml", Block("yaml")), CancellationToken.None);

        file.Evaluators.Select(spec => spec.Name).ShouldBe(["rouge_l", "key_facts"]);
        (file.Baseline, file.Repeats, file.MinCases, file.FailIf.Count, file.MaxMissing).ShouldBe(("production", 3, 20, 2, new MissingBound(null, 0.02)));
    }

    [Fact]
    public void Rules_AreRules()
    {
        var rules = Rule().Matches(Document).Select(match => match.Groups[1].Value).Where(text => text.Contains(' ', StringComparison.Ordinal)).ToList();

        rules.Count.ShouldBe(8);
        foreach (var rule in rules)
        {
            GateRule.Parse(rule).Text.ShouldBe(rule);
        }
    }

    private static string Block(string language) => Regex.Match(Document, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    [GeneratedRegex(@"^\| `([^`]+)` \| ", RegexOptions.Multiline)]
    private static partial Regex Rule();
}
