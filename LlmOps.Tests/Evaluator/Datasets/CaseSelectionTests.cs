using LlmOps.Evaluator;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>Which cases of a dataset are taken.</summary>
public sealed class CaseSelectionTests : IDisposable
{
    private const string Cases = """
        {"id": "inject-1", "tags": ["hard", "long"], "metadata": {"language": "de", "level": 3, "kinds": ["a", "b"]}}
        {"id": "inject-2", "tags": ["hard"], "metadata": {"language": "en"}}
        {"id": "plain-1", "tags": ["long"], "metadata": {"language": "de"}}
        {"id": "plain-2"}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inject-1 inject-2", "tag=hard")]
    [InlineData("inject-2 plain-2", "tag!=long")]
    [InlineData("inject-2", "tag=hard", "tag!=long")]
    [InlineData("inject-1 inject-2", "id=inject-*")]
    [InlineData("inject-1 plain-1", "id=*-1")]
    [InlineData("plain-1 plain-2", " id != inject-? ")]
    [InlineData("inject-1 plain-1", "metadata.language=de")]
    [InlineData("inject-2 plain-2", "metadata.language!=de")]
    [InlineData("inject-1", "metadata.level=3")]
    [InlineData("inject-1", "metadata.kinds=b")]
    [InlineData("inject-1 inject-2 plain-1 plain-2")]
    public async Task Filters_AllHold(string ids, params string[] filters)
    {
        var dataset = await _folder.ReadAsync("a.jsonl", Cases);

        string.Join(' ', dataset.Select([.. filters.Select(CaseFilter.Parse)], null, 0).Cases.Select(each => each.Id)).ShouldBe(ids);
    }

    [Fact]
    public async Task NothingLeft_IsBadInput()
    {
        var dataset = await _folder.ReadAsync("a.jsonl", Cases);

        var exception = Should.Throw<BadInputException>(() => dataset.Select([CaseFilter.Parse("tag=hardd"), CaseFilter.Parse("id=x")], null, 0));

        _folder.FaultsOf(exception).ShouldBe(["a.jsonl: None of its 4 cases fits tag=hardd and id=x; their tags are hard, long."]);
    }

    [Theory]
    [InlineData("hard")]
    [InlineData("tags=hard")]
    [InlineData("=hard")]
    [InlineData("metadata.=x")]
    [InlineData("weight=1")]
    public void TextThatIsNoCondition_IsRefused(string text) => Should.Throw<BadInputException>(() => CaseFilter.Parse(text)).Message.ShouldStartWith($"--filter '{text}' is no condition; expected tag=VALUE");

    // The ids were worked out with Python: hashlib.sha256(b"7\nc1").hexdigest() and so on, the five smallest.
    [Fact]
    public async Task Sample_IsTheSameOneEverywhere()
    {
        var dataset = await _folder.ReadAsync("a.jsonl", string.Concat(Enumerable.Range(1, 20).Select(number => $"{{\"id\": \"c{number}\"}}\n")));

        dataset.Select([], 5, 7).Cases.Select(each => each.Id).ShouldBe(["c2", "c3", "c9", "c12", "c14"]);
        dataset.Select([], 5, 8).Cases.Select(each => each.Id).ShouldBe(["c1", "c3", "c4", "c14", "c16"]);
    }

    [Fact]
    public async Task Sample_OfMoreThanThereAre_IsAll()
    {
        var dataset = await _folder.ReadAsync("a.jsonl", Cases);

        dataset.Select([], 100, 1).Cases.ShouldBe(dataset.Cases);
        Should.Throw<BadInputException>(() => dataset.Select([], 0, 1)).Message.ShouldBe("--sample is 0; expected at least 1.");
    }
}
