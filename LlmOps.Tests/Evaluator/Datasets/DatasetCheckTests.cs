using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>Cases are held against the variables of the versions that they are for.</summary>
public sealed class DatasetCheckTests : IDisposable
{
    private static readonly PromptVersionInfo First = TemporaryFolder.Version("v1", new PromptVariableInfo("text", true, 10));
    private static readonly PromptVersionInfo Second = TemporaryFolder.Version("v2", new PromptVariableInfo("text", true, 5), new PromptVariableInfo("length", false, null));
    private static readonly PromptVersionInfo Third = TemporaryFolder.Version("v3", new PromptVariableInfo("text", true, null), new PromptVariableInfo("tone", true, null));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task VariableThatOneVersionKnows_IsFine() =>
        (await FaultsAsync("""{"id": "a", "variables": {"text": "x", "length": 3}}""", First, Second)).ShouldBeEmpty();

    [Fact]
    public async Task VariableThatNoVersionKnows_IsAFault() =>
        (await FaultsAsync("""{"id": "a", "variables": {"text": "x", "length": 3}}""", First)).ShouldBe(["a.jsonl:2: variables.length is not known to v1; expected text (case a)."]);

    [Fact]
    public async Task VariableThatAVersionRequires_MustBeThere()
    {
        (await FaultsAsync("""{"id": "a"}""", First, Second, Third)).ShouldBe(
        [
            "a.jsonl:2: variables.text is missing; expected a text, which v1, v2, v3 require (case a).",
            "a.jsonl:2: variables.tone is missing; expected a text, which v3 requires (case a).",
        ]);
        (await FaultsAsync("""{"id": "a", "variables": {"text": " "}}""", First)).ShouldBe(["a.jsonl:2: variables.text is empty; expected a text, which v1 requires (case a)."]);
    }

    [Fact]
    public async Task ValueThatIsTooLong_IsAFault()
    {
        (await FaultsAsync("""{"id": "a", "variables": {"text": "1234567"}}""", First, Second)).ShouldBe(["a.jsonl:2: variables.text has 7 characters; expected at most 5, as v2 says (case a)."]);
        (await FaultsAsync("""{"id": "a", "variables": {"text": "12345678901"}}""", First, Second)).ShouldBe(["a.jsonl:2: variables.text has 11 characters; expected at most 5, as v1, v2 say (case a)."]);
    }

    private async Task<IReadOnlyList<string>> FaultsAsync(string line, params PromptVersionInfo[] versions)
    {
        var dataset = await _folder.ReadAsync("a.jsonl", $"\n{line}\n");
        return [.. DatasetCheck.Faults(dataset, versions).Lines.Select(fault => fault.Replace(_folder.Path + "/", "", StringComparison.Ordinal))];
    }
}
