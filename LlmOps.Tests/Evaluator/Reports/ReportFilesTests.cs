using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed class ReportFilesTests
{
    private static readonly string[] Names = ["report.json", "report.html", "report.csv", "report.xml", "report.md"];

    [Fact]
    public async Task All_AreWrittenAndNothingElseIsLeft()
    {
        using var folder = new ReportFolder();

        var files = await ReportFiles.WriteAsync(SampleResults.Create(), folder.Path, CancellationToken.None);

        files.Select(Path.GetFileName).ShouldBe(Names);
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).ShouldBe(Names, ignoreOrder: true);
    }

    [Fact]
    public async Task Json_ReadsBackAsItWas()
    {
        var result = SampleResults.Create();
        using var folder = await ReportFolder.OfAsync(result);

        var read = await ReportFiles.ReadAsync(folder.File("report.json"), CancellationToken.None);

        Json(read).ShouldBe(Json(result));
        read.Cases[4].Variables["text"].ShouldBe(SampleResults.RightToLeft);
        read.Cases[7].Answers.Count(answer => answer.Answer is null).ShouldBe(2);
        read.Run.CostUsd.ShouldBe(result.Run.CostUsd);
    }

    [Fact]
    public async Task MinimalJson_HasItsDefaults()
    {
        using var folder = new ReportFolder();
        var json = JsonNode.Parse(Json(SampleResults.Single()))!.AsObject();
        json.Remove("position_biases");
        json.Remove("human_agreements");
        json["run"]!.AsObject().Remove("filter");
        json["cases"]![0]!.AsObject().Remove("tags");
        json["cases"]![0]!.AsObject().Remove("weight");
        json["metrics"]![0]!.AsObject().Remove("is_quality");
        await File.WriteAllTextAsync(folder.File("report.json"), json.ToJsonString());

        var read = await ReportFiles.ReadAsync(folder.File("report.json"), CancellationToken.None);

        read.PositionBiases.ShouldBeEmpty();
        read.HumanAgreements.ShouldBeEmpty();
        read.Run.Filter.ShouldBeEmpty();
        read.Cases[0].Tags.ShouldBeEmpty();
        read.Cases[0].Weight.ShouldBe(1);
        read.Metrics[0].IsQuality.ShouldBeTrue();
        await ReportFiles.WriteAsync(read, folder.Path, CancellationToken.None);
    }

    [Fact]
    public async Task TenThousandAnswers_AreReadBack()
    {
        using var folder = new ReportFolder();
        var few = SampleResults.Plain(10);
        var filler = new string('x', 3000);
        CaseResult Copy(int index)
        {
            var each = few.Cases[index % few.Cases.Count];
            return each with { Id = $"case-{index}", Answers = [.. each.Answers.Select(answer => answer with { Answer = answer.Answer! with { Text = $"{index} {filler}" } })] };
        }

        var many = few with { Cases = [.. Enumerable.Range(0, 5000).Select(Copy)] };

        await ReportFiles.WriteAsync(many, folder.Path, CancellationToken.None);
        var read = await ReportFiles.ReadAsync(folder.File("report.json"), CancellationToken.None);

        read.Cases.Count.ShouldBe(5000);
        read.Cases[^1].Answers[^1].Answer!.Text.ShouldBe($"4999 {filler}");
        new FileInfo(folder.File("report.json")).Length.ShouldBeGreaterThan(30_000_000);
    }

    [Fact]
    public async Task OtherForm_SaysWhichIsExpected()
    {
        using var folder = new ReportFolder();
        await File.WriteAllTextAsync(folder.File("other.json"), """{"format":"llmops-evaluation/99","cases":{"a":1}}""");

        var fault = await FaultAsync(folder.File("other.json"));

        fault.ShouldContain("other.json");
        fault.ShouldContain("field format: 'llmops-evaluation/99'; expected 'llmops-evaluation/1'");
    }

    [Fact]
    public async Task NoForm_IsSaid()
    {
        using var folder = new ReportFolder();
        await File.WriteAllTextAsync(folder.File("other.json"), "{}");

        (await FaultAsync(folder.File("other.json"))).ShouldContain("field format: there is none");
    }

    [Fact]
    public async Task CutFile_SaysWhere()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Single());
        var text = folder.Text("report.json");
        await File.WriteAllTextAsync(folder.File("report.json"), "{\n" + text[1..(text.Length / 2)]);

        var fault = await FaultAsync(folder.File("report.json"));

        fault.ShouldContain("report.json', line 2, byte ");
    }

    [Fact]
    public async Task WrongType_NamesTheField()
    {
        using var folder = new ReportFolder();
        var json = JsonNode.Parse(Json(SampleResults.Single()))!;
        json["cases"]![1]!["weight"] = "heavy";
        await File.WriteAllTextAsync(folder.File("report.json"), json.ToJsonString());

        (await FaultAsync(folder.File("report.json"))).ShouldContain("field $.cases[1].weight");
    }

    [Fact]
    public async Task NullInsteadOfAList_NamesTheField()
    {
        using var folder = new ReportFolder();
        var json = JsonNode.Parse(Json(SampleResults.Single()))!;
        json["cases"]![1]!["answers"] = null;
        await File.WriteAllTextAsync(folder.File("report.json"), json.ToJsonString());

        (await FaultAsync(folder.File("report.json"))).ShouldContain("field $.cases[1]");
    }

    [Fact]
    public async Task NamesThatAreNotThere_AreAllSaid()
    {
        using var folder = new ReportFolder();
        var result = SampleResults.Plain();
        result = result with { Comparisons = [result.Comparisons[0] with { Metric = "gone" }, result.Comparisons[1] with { Variant = "v9" }] };
        await File.WriteAllTextAsync(folder.File("report.json"), Json(result));

        var fault = await FaultAsync(folder.File("report.json"));

        fault.ShouldContain("field comparisons[0].metric: 'gone' is not there; expected one of rouge_l");
        fault.ShouldContain("field comparisons[1].variant: 'v9' is not there; expected one of v1, v2.");
    }

    [Fact]
    public async Task MissingFile_IsSaid()
    {
        using var folder = new ReportFolder();

        (await FaultAsync(folder.File("none.json"))).ShouldContain("none.json' cannot be read");
    }

    [Fact]
    public async Task FailureInTheMiddle_LeavesWhatWasThere()
    {
        using var folder = new ReportFolder();
        var path = folder.File("report.md");
        await File.WriteAllTextAsync(path, "before");

        await Should.ThrowAsync<InvalidOperationException>(() => WholeFile.WriteAsync(path, async file =>
        {
            await file.WriteAsync("half"u8.ToArray());
            throw new InvalidOperationException("It fails.");
        }));

        folder.Text("report.md").ShouldBe("before");
        Directory.GetFiles(folder.Path).Length.ShouldBe(1);
    }

    [Fact]
    public async Task FolderThatIsAFile_IsBadInput()
    {
        using var folder = new ReportFolder();
        await File.WriteAllTextAsync(folder.File("taken"), "");

        var write = () => ReportFiles.WriteAsync(SampleResults.Single(), folder.File("taken"), CancellationToken.None);

        (await write.ShouldThrowAsync<BadInputException>()).Message.ShouldContain("cannot be written to");
    }

    private static async Task<string> FaultAsync(string path) =>
        (await Should.ThrowAsync<BadInputException>(() => ReportFiles.ReadAsync(path, CancellationToken.None))).Message;

    private static string Json(EvaluationResult result) => JsonSerializer.Serialize(result, ResultJson.Default.EvaluationResult);
}
