using System.Security.Cryptography;
using System.Text.Json;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>What datasets say, whichever format they are in.</summary>
public sealed class DatasetTests : IDisposable
{
    private const string Jsonl = """
        {"id": "a", "variables": {"text": "Hello, \"you\"\nthere", "size": "2"}, "expected": "hi", "tags": ["en", "hard"], "metadata": {"language": "en", "must_include": ["x", "y"]}, "weight": 2.5}

        {"id": "b", "variables": {"text": "Grüße 🎈"}, "expected": {"label": "x", "n": 1}, "references": ["one", "two, too"], "human": {"judge": {"v1": "4", "v2": "good"}}, "evaluators": ["exact", {"regex": {"pattern": "^a", "name": "starts"}}]}
        """;

    private const string Csv = "id,text,variables.size,expected,tags,metadata.language,metadata.must_include,weight,reference_1,reference_2,human.judge.v1,human.judge.v2,evaluators\r\n"
        + "a,\"Hello, \"\"you\"\"\nthere\",2,hi,en; hard,en,\"[\"\"x\"\", \"\"y\"\"]\",2.5,,,,,\r\n"
        + "\r\n"
        + "b,Grüße 🎈,,\"{\"\"label\"\": \"\"x\"\", \"\"n\"\": 1}\",,,,,one,\"two, too\",4,good,\"[\"\"exact\"\", {\"\"regex\"\": {\"\"pattern\"\": \"\"^a\"\", \"\"name\"\": \"\"starts\"\"}}]\"\r\n";

    private const string Yaml = """
        cases:
          - id: a
            variables:
              text: "Hello, \"you\"\nthere"
              size: 2
            expected: hi
            tags: [en, hard]
            metadata: {language: en, must_include: [x, y]}
            weight: 2.5
          - id: b
            variables: {text: Grüße 🎈}
            expected: {label: x, n: 1}
            references: [one, "two, too"]
            human: {judge: {v1: 4, v2: good}}
            evaluators:
              - exact
              - regex: {pattern: ^a, name: starts}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cases.jsonl", Jsonl, DatasetFormat.Jsonl, 1, 3)]
    [InlineData("cases.NDJSON", Jsonl, DatasetFormat.Jsonl, 1, 3)]
    [InlineData("cases.csv", Csv, DatasetFormat.Csv, 2, 5)]
    [InlineData("cases.yaml", Yaml, DatasetFormat.Yaml, 2, 10)]
    [InlineData("cases.yml", Yaml, DatasetFormat.Yaml, 2, 10)]
    public async Task Format_GivesTheSameCases(string file, string text, object format, int firstLine, int secondLine)
    {
        var dataset = await _folder.ReadAsync(file, text);

        (dataset.FileName, dataset.Format, dataset.Hash).ShouldBe((file, (DatasetFormat)format, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_folder[file])))));
        dataset.Cases.Select(each => (each.Id, each.Line)).ShouldBe([("a", firstLine), ("b", secondLine)]);
        var (first, second) = (dataset.Cases[0], dataset.Cases[1]);
        first.Variables.ShouldBe(new Dictionary<string, string> { ["text"] = "Hello, \"you\"\nthere", ["size"] = "2" }, ignoreOrder: true);
        (first.ExpectedText, first.Weight).ShouldBe(("hi", 2.5));
        first.References.ShouldBe(["hi"]);
        first.Tags.ShouldBe(["en", "hard"]);
        first.Metadata!.Value.GetProperty("language").GetString().ShouldBe("en");
        first.Metadata.Value.GetProperty("must_include").EnumerateArray().Select(item => item.GetString()).ShouldBe(["x", "y"]);
        second.Variables.ShouldBe(new Dictionary<string, string> { ["text"] = "Grüße 🎈" });
        JsonElement.DeepEquals(second.Expected!.Value, JsonElement.Parse("""{"label":"x","n":1}""")).ShouldBeTrue();
        second.References.ShouldBe(["one", "two, too"]);
        (second.Weight, second.Metadata, second.Tags.Count).ShouldBe((1, null, 0));
        second.Human["judge"].ShouldBe(new Dictionary<string, string> { ["v1"] = "4", ["v2"] = "good" }, ignoreOrder: true);
        second.Evaluators.Select(spec => (spec.Type, spec.Name)).ShouldBe([("exact", "exact"), ("regex", "starts")]);
        JsonElement.DeepEquals(second.Evaluators[1].Settings!.Value, JsonElement.Parse("""{"pattern":"^a"}""")).ShouldBeTrue();
    }

    [Fact]
    public async Task ByteOrderMark_IsPassedOver()
    {
        (await _folder.ReadAsync("a.jsonl", "\uFEFF{\"id\": \"a\"}\r\n")).Cases.ShouldHaveSingleItem().Id.ShouldBe("a");
        (await _folder.ReadAsync("a.csv", "\uFEFFid,text\r\na,b")).Cases.ShouldHaveSingleItem().Id.ShouldBe("a");
        (await _folder.ReadAsync("a.yaml", "\uFEFFcases: [{id: a}]")).Cases.ShouldHaveSingleItem().Id.ShouldBe("a");
    }

    [Fact]
    public async Task CsvWithoutIds_HasThatOfTheLine()
    {
        var cases = (await _folder.ReadAsync("a.csv", "text\n\"one\ntwo\"\nthree\n")).Cases;

        cases.Select(each => each.Id).ShouldBe(["line-2", "line-4"]);
    }

    [Fact]
    public async Task CsvTextThatOnlyLooksLikeJson_StaysText()
    {
        var cases = (await _folder.ReadAsync("a.csv", "text,expected\nx,{name}\nx,[a] and more\nx,42\n")).Cases;

        cases.Select(each => each.ExpectedText).ShouldBe(["{name}", "[a] and more", "42"]);
        cases.ShouldAllBe(each => each.Expected!.Value.ValueKind == JsonValueKind.String && each.References.Count == 1);
    }

    [Fact]
    public async Task ManyCasesInYaml_AreRead()
    {
        var text = "cases:\n" + string.Concat(Enumerable.Range(1, 5_000).Select(number => $"  - {{id: c{number}, variables: {{text: x}}, tags: [a]}}\n"));

        (await _folder.ReadAsync("a.yaml", text)).Cases.Count.ShouldBe(5_000);
    }

    [Theory]
    [InlineData("a.txt", "x", "a.txt: '.txt' is no format of datasets; expected .jsonl, .ndjson, .csv, .yaml or .yml.")]
    [InlineData("a.jsonl", "\n\n", "a.jsonl: It has no cases; expected at least one.")]
    [InlineData("a.csv", "id,text\n", "a.csv: It has no cases; expected at least one.")]
    [InlineData("a.yaml", "cases: []", "a.yaml: It has no cases; expected at least one.")]
    public async Task FileWithoutCases_IsRefused(string file, string text, string fault) => (await _folder.FaultsAsync(file, text)).ShouldBe([fault]);

    [Fact]
    public async Task FileThatIsNotThere_IsRefused()
    {
        var exception = await Should.ThrowAsync<BadInputException>(Dataset.ReadAsync(_folder["none.jsonl"], CancellationToken.None));

        _folder.FaultsOf(exception).ShouldBe(["none.jsonl: There is no such file; expected a dataset."]);
    }

    [Fact]
    public async Task FileThatIsTooLarge_IsRefusedUnread()
    {
        using (var file = File.Create(_folder["large.jsonl"]))
        {
            file.SetLength(InputFile.MostBytes + 1);
        }

        var exception = await Should.ThrowAsync<BadInputException>(Dataset.ReadAsync(_folder["large.jsonl"], CancellationToken.None));

        _folder.FaultsOf(exception).ShouldBe(["large.jsonl: It has 268435457 bytes; expected at most 268435456."]);
    }

    [Fact]
    public async Task Version_IsGivenTheVariablesThatItKnows()
    {
        var each = (await _folder.ReadAsync("a.csv", "text,length\nx,3\n")).Cases[0];

        each.VariablesOf(TemporaryFolder.Version("v1", new LlmOps.Evaluator.Answers.PromptVariableInfo("text", true, null))).ShouldBe(new Dictionary<string, string> { ["text"] = "x" });
    }
}
