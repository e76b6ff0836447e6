namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>What is wrong in a dataset is told all at once, with lines.</summary>
public sealed class DatasetFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"id": "a", "text": "x"}""", "a.jsonl:2: text is not known here; expected id, variables, expected, references, metadata, tags, weight, evaluators, human.")]
    [InlineData("""{"variables": {}}""", "a.jsonl:2: id is missing; expected a text that no other case has.")]
    [InlineData("""{"id": ""}""", "a.jsonl:2: id is \"\"; expected a non-empty string.")]
    [InlineData("""{"id": ["a"]}""", "a.jsonl:2: id is an array; expected a non-empty string.")]
    [InlineData("""{"id": "a", "variables": "x"}""", "a.jsonl:2: variables is \"x\"; expected an object.")]
    [InlineData("""{"id": "a", "variables": {"text": ["x"]}}""", "a.jsonl:2: variables.text is an array; expected a text, a number, true or false.")]
    [InlineData("""{"id": "a", "expected": "\ud800"}""", "a.jsonl:2: expected has half of a surrogate pair in it, expected text in valid Unicode.")]
    [InlineData("""{"id": "a", "references": "x"}""", "a.jsonl:2: references is \"x\"; expected a list of texts.")]
    [InlineData("""{"id": "a", "references": ["x", 1]}""", "a.jsonl:2: references[1] is 1; expected a non-empty string.")]
    [InlineData("""{"id": "a", "metadata": []}""", "a.jsonl:2: metadata is an empty array; expected an object.")]
    [InlineData("""{"id": "a", "tags": [true]}""", "a.jsonl:2: tags[0] is true; expected a non-empty string.")]
    [InlineData("""{"id": "a", "weight": 0}""", "a.jsonl:2: weight is 0; expected a number above 0.")]
    [InlineData("""{"id": "a", "weight": 1e999}""", "a.jsonl:2: weight is 1e999; expected a number above 0.")]
    [InlineData("""{"id": "a", "weight": "1"}""", "a.jsonl:2: weight is \"1\"; expected a number above 0.")]
    [InlineData("""{"id": "a", "evaluators": ["exact", "exact"]}""", "a.jsonl:2: evaluators[1] is a second exact; expected another name among its settings.")]
    [InlineData("""{"id": "a", "human": {"judge": {"first": 1}}}""", "a.jsonl:2: human.judge.first is no version; expected v and a number from 1, such as v2.")]
    [InlineData("""{"id": "a", "human": {"judge": 5}}""", "a.jsonl:2: human.judge is 5; expected a label for each version.")]
    [InlineData("""["a"]""", "a.jsonl:2: The line is an array; expected an object.")]
    [InlineData("""{"id": "a" "b"}""", "a.jsonl:2: The line is not valid JSON from byte 12 on; expected an object on one line.")]
    [InlineData("""{"id": "a", "id": "b"}""", "a.jsonl:2: The line is not valid JSON")]
    public async Task FieldThatIsWrong_IsToldWithItsLine(string line, string fault)
    {
        var faults = await _folder.FaultsAsync("a.jsonl", $"{{\"id\": \"first\"}}\n{line}\n");

        faults.ShouldHaveSingleItem().ShouldStartWith(fault);
    }

    [Fact]
    public async Task AllFaults_AreToldTogether()
    {
        var faults = await _folder.FaultsAsync("a.jsonl", "{\"id\": \"a\", \"wait\": 1, \"weight\": -1}\n{\"id\": \"b\"}\nnone\n{\"id\": \"b\", \"tags\": 1}");

        faults.Select(fault => fault[..fault.IndexOf(' ', StringComparison.Ordinal)]).ShouldBe(["a.jsonl:1:", "a.jsonl:1:", "a.jsonl:3:", "a.jsonl:4:", "a.jsonl:4:"]);
    }

    [Fact]
    public async Task MoreFaultsThanFifty_AreCounted()
    {
        var faults = await _folder.FaultsAsync("a.jsonl", string.Concat(Enumerable.Repeat("x\n", 70)));

        faults.Count.ShouldBe(51);
        faults[49].ShouldStartWith("a.jsonl:50: ");
        faults[50].ShouldBe("a.jsonl: and 20 more faults.");
    }

    [Theory]
    [InlineData("a.jsonl", "{\"id\": \"x\"}\n\n{\"id\": \"x\"}\n", "a.jsonl:3: id: x is the id of the case in line 1 too; expected another one for each case.")]
    [InlineData("a.csv", "id,text\nx,1\nx,2\n", "a.csv:3: id: x is the id of the case in line 2 too; expected another one for each case.")]
    [InlineData("a.yaml", "cases:\n  - id: x\n  - id: y\n  - id: x\n", "a.yaml:4: id: x is the id of the case in line 2 too; expected another one for each case.")]
    public async Task IdThatIsThereTwice_IsToldWithBothLines(string file, string text, string fault) => (await _folder.FaultsAsync(file, text)).ShouldBe([fault]);

    [Fact]
    public async Task BytesThatAreNoText_AreToldWithTheirLine()
    {
        byte[] text = [.. "id,text\na,b\n"u8, 0xFC, (byte)','];
        foreach (var (file, fault) in new[] { ("a.csv", "a.csv:3: It is not valid UTF-8."), ("a.yaml", "a.yaml:3: It is not valid UTF-8."), ("a.jsonl", "a.jsonl:3: The line is not valid UTF-8; expected JSON in UTF-8.") })
        {
            await File.WriteAllBytesAsync(_folder[file], text);

            _folder.FaultsOf(await Should.ThrowAsync<LlmOps.Evaluator.BadInputException>(LlmOps.Evaluator.Datasets.Dataset.ReadAsync(_folder[file], CancellationToken.None))).ShouldContain(fault);
        }
    }

    [Theory]
    [InlineData("text,text\na,b\n", "a.csv:1: Column text is there twice; expected it once.")]
    [InlineData("text,variables.text\na,b\n", "a.csv:1: Column variables.text is there twice; expected it once.")]
    [InlineData("text,,metadata.\na,b,c\n", "a.csv:1: Column 2 has no name; expected one.", "a.csv:1: Column 3 has no name; expected one.")]
    [InlineData("id;text\na;b\n", "a.csv:1: There is one column; expected commas between columns.")]
    [InlineData("id,text\na,b\nb\nc,d,e\n", "a.csv:3: The record has 1 fields; expected 2, as the first line has.", "a.csv:4: The record has 3 fields; expected 2, as the first line has.")]
    [InlineData("id,text\na,\"b\n\nc\nd", "a.csv:2: The quote that opens a field is never closed.")]
    [InlineData("id,text\na,\"b\nc\"d\n", "a.csv:3: After the closing quote stands 'd'; expected a comma or the line's end, and quotes within a field doubled.")]
    [InlineData("id,text\na,say \"b\"\n", "a.csv:2: A quote stands within a field that does not begin with one; expected the field in quotes, and its own quotes doubled.")]
    [InlineData("id,weight\na,heavy\nb,-2\n", "a.csv:2: weight is \"heavy\"; expected a number above 0.", "a.csv:3: weight is -2; expected a number above 0.")]
    [InlineData("id,human.judge.latest\na,4\n", "a.csv:2: human.judge.latest is no version; expected v and a number from 1, such as v2.")]
    public async Task CsvFault_IsToldWithItsLine(string text, params string[] faults) => (await _folder.FaultsAsync("a.csv", text)).ShouldBe(faults);

    [Theory]
    [InlineData("case: []", "a.yaml:1: case is not known here; expected cases.")]
    [InlineData("{}", "a.yaml:1: cases is missing; expected a list of cases.")]
    [InlineData("cases:\n  a: 1", "a.yaml:2: cases is an object; expected a list of cases.")]
    [InlineData("cases:\n  - id: a\n  - just text", "a.yaml:3: cases[1] is a string; expected a case, an object.")]
    [InlineData("cases:\n  - id: a\n    variables:\n      text: [1]\n    weight: x", "a.yaml:4: cases[0].variables.text is an array; expected a text, a number, true or false.", "a.yaml:5: cases[0].weight is \"x\"; expected a number above 0.")]
    [InlineData("cases:\n  - id: a\n    wait: 1", "a.yaml:3: cases[0].wait is not known here; expected id, variables, expected, references, metadata, tags, weight, evaluators, human.")]
    [InlineData("cases:\n  - &x {id: a}", "a.yaml:2: Anchors, aliases and tags are not taken here; expected plain values.")]
    public async Task YamlFault_IsToldWithItsLine(string text, params string[] faults) => (await _folder.FaultsAsync("a.yaml", text)).ShouldBe(faults);
}
