using System.Text.Json;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Gates;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>How a prompt is evaluated, as its eval.yaml says.</summary>
public sealed class EvaluationFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AllOfIt_IsRead()
    {
        var file = await EvaluationFile.ReadAsync(_folder.Write("eval.yaml", """
            dataset: cases/hard.csv
            evaluators:
              - rouge_l
              - json_field: {field: label, name: label}
              - json_valid:
            baseline: production
            judge_model: gpt-4.1
            repeats: 3
            fail_if:
              - rouge_l drops > 0.02 significantly
            detect: {rouge_l: 0.03}
            min_cases: 20
            max_missing: 2 %
            """), CancellationToken.None);

        file.Dataset.ShouldBe(_folder["cases/hard.csv"]);
        file.Evaluators.Select(spec => (spec.Type, spec.Name, Settings: spec.Settings is { } settings ? JsonSerializer.Serialize(settings) : null))
            .ShouldBe([("rouge_l", "rouge_l", null), ("json_field", "label", "{\"field\":\"label\"}"), ("json_valid", "json_valid", null)]);
        (file.Baseline, file.JudgeModel, file.Repeats, file.MinCases).ShouldBe(("production", "gpt-4.1", 3, 20));
        file.FailIf.Select(rule => rule.Text).ShouldBe(["rouge_l drops > 0.02 significantly"]);
        file.Detect.ShouldBe(new Dictionary<string, double> { ["rouge_l"] = 0.03 });
        file.MaxMissing.ShouldBe(new MissingBound(null, 0.02));
    }

    [Fact]
    public async Task FolderWithoutOne_HasTheDatasetThatIsThere()
    {
        (await EvaluationFile.OfFolderAsync(_folder.Path, CancellationToken.None)).Dataset.ShouldBe(_folder["dataset.jsonl"]);
        EvaluationFile.IsIn(_folder.Path).ShouldBeFalse();

        _folder.Write("dataset.csv", "text\nx\n");

        var file = await EvaluationFile.OfFolderAsync(_folder.Path, CancellationToken.None);
        (file.Dataset, file.Evaluators.Count, file.Repeats, file.MaxMissing).ShouldBe((_folder["dataset.csv"], 0, null, null));
        EvaluationFile.IsIn(_folder.Path).ShouldBeTrue();
    }

    [Fact]
    public async Task FolderWithTwoDatasets_NeedsOneThatSaysWhich()
    {
        _folder.Write("dataset.csv", "x");
        _folder.Write("dataset.jsonl", "x");

        var exception = await Should.ThrowAsync<BadInputException>(EvaluationFile.OfFolderAsync(_folder.Path, CancellationToken.None));

        exception.Message.ShouldEndWith("There are dataset.jsonl and dataset.csv; expected one of them, or eval.yaml that says which: dataset: dataset.jsonl.");
        _folder.Write("eval.yaml", "dataset: dataset.csv");
        (await EvaluationFile.OfFolderAsync(_folder.Path, CancellationToken.None)).Dataset.ShouldBe(_folder["dataset.csv"]);
    }

    [Theory]
    [InlineData("# nothing", "eval.yaml: The file is empty.")]
    [InlineData("a: [", "eval.yaml:2: It is not YAML: ")]
    [InlineData("repeats: 1\nrepeat: 3\nfail: []", "eval.yaml:2: repeat is not known here; expected dataset, evaluators, ", "eval.yaml:3: fail is not known here")]
    [InlineData("evaluators:\n  - rouge_l\n  - {regex: {}, exact: {}}", "eval.yaml:3: evaluators[1] is an object; expected an evaluator")]
    [InlineData("evaluators:\n  - contains: {any: [a]}\n  - contains: {any: [b]}", "eval.yaml:3: evaluators[1] is a second contains; expected another name among its settings.")]
    [InlineData("evaluators: rouge_l", "eval.yaml:1: evaluators is \"rouge_l\"; expected a list of evaluators.")]
    [InlineData("baseline: [v1]", "eval.yaml:1: baseline is an array; expected a version or a label.")]
    [InlineData("repeats: 0\nmin_cases: many", "eval.yaml:1: repeats is 0; expected a whole number from 1 to 1000.", "eval.yaml:2: min_cases is \"many\"; expected a whole number of at least 1.")]
    [InlineData("fail_if:\n  - rouge_l drops\n  - rouge_l falls", "eval.yaml:3: fail_if[1]: 'rouge_l falls' is no rule; expected METRIC drops|rises|worsens|improves")]
    [InlineData("detect:\n  rouge_l: -1", "eval.yaml:2: detect.rouge_l is -1; expected a number above 0.")]
    [InlineData("max_missing: 1.5", "eval.yaml:1: max_missing is 1.5; expected a whole number, or a share such as 0.02 or 2 %.")]
    public async Task WhatIsWrong_IsToldWithItsLine(string text, params string[] expected)
    {
        var faults = _folder.FaultsOf(await Should.ThrowAsync<BadInputException>(EvaluationFile.ReadAsync(_folder.Write("eval.yaml", text), CancellationToken.None)));

        faults.Count.ShouldBe(expected.Length);
        foreach (var (fault, start) in faults.Zip(expected))
        {
            fault.ShouldStartWith(start);
        }
    }
}
