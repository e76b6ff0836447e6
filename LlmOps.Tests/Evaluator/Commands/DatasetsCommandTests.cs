using LlmOps.Evaluator;
using LlmOps.Evaluator.Commands;
using LlmOps.Tests.Docs;
using LlmOps.Tests.Prompts.Files;
using Spectre.Console;

namespace LlmOps.Tests.Evaluator.Commands;

/// <summary>datasets check tells what is wrong with datasets and eval.yaml files.</summary>
public sealed class DatasetsCommandTests : IDisposable
{
    private readonly TemporaryPrompts _prompts = new();

    public void Dispose() => _prompts.Dispose();

    [Fact]
    public async Task ShippedDatasets_AreRight()
    {
        var (code, text) = await CheckAsync(Path.Combine(GeneratedDocs.RepositoryRoot(), "prompts"));

        code.ShouldBe(0, text);
        text.ShouldMatch("summarizer.*dataset.jsonl.* 81 ");
        text.ShouldMatch("classifier.*dataset.jsonl.* 80 .*en 60, hard 39");
        text.ShouldMatch("translator.*dataset.jsonl.* 76 ");
    }

    [Fact]
    public async Task Faults_AreToldWithFileAndLine()
    {
        _prompts.Write(1).Write(2, "Hello {{name}}, {{mood}}").Write("greeter/dataset.jsonl", """
            {"id": "a", "variables": {"name": "Ann", "mood": "glad"}}
            {"id": "b", "variables": {"name": "Ann"}}
            """).Write("greeter/eval.yaml", "repeats: 0\n");
        _prompts.Write(1, prompt: "other").Write("other/dataset.csv", "name\nAnn\n").Write("other/eval.yaml", "baseline: v7\n").Write("other/v2.yaml", "name: other\nversion: v1\n");
        _prompts.Write(1, prompt: "bare");

        var (code, text) = await CheckAsync(_prompts.Path);

        code.ShouldBe(BadInputException.ExitCode);
        text.ShouldContain($"{_prompts["greeter/eval.yaml"]}:1: repeats is 0; expected a whole number from 1 to 1000.");
        text.ShouldContain("other/eval.yaml: baseline: Prompt other has no version or label 'v7'; expected one of v1.");
        text.ShouldContain($"{_prompts["other/v2.yaml"]}:2: version is \"v1\"; expected v2, the name of the file.");
        text.ShouldMatch("other .*dataset.csv.* 1 .* 2 ");
        text.ShouldNotContain("bare");

        _prompts.Write("greeter/eval.yaml", "repeats: 1\n");

        (code, text) = await CheckAsync(_prompts.Path, "greeter");

        code.ShouldBe(BadInputException.ExitCode);
        text.ShouldContain($"{_prompts["greeter/dataset.jsonl"]}:2: variables.mood is missing; expected a text, which v2 requires (case b).");
        text.ShouldNotContain("other");
    }

    [Fact]
    public async Task File_IsCheckedForItselfOrForAPrompt()
    {
        _prompts.Write(1).Write("mine.csv", "nam\nAnn\n");

        (await CheckAsync(_prompts.Path, "--dataset", _prompts["mine.csv"])).Code.ShouldBe(0);
        var (code, text) = await CheckAsync(_prompts.Path, "greeter", "--dataset", _prompts["mine.csv"]);

        code.ShouldBe(BadInputException.ExitCode);
        text.ShouldContain($"{_prompts["mine.csv"]}:2: variables.nam is not known to v1; expected name (case line-2).");
    }

    [Fact]
    public async Task PromptOfWhichNoVersionCanBeRead_IsNotPassedOver()
    {
        _prompts.Write("greeter/v1.yaml", "name: other\n").Write("greeter/dataset.jsonl", """{"id": "a"}""");

        var (code, text) = await CheckAsync(_prompts.Path);

        code.ShouldBe(BadInputException.ExitCode);
        text.ShouldContain($"{_prompts["greeter/v1.yaml"]}:1: name is \"other\"");
    }

    [Fact]
    public async Task NameThatIsNotThere_IsBadInput()
    {
        _prompts.Write(1);

        (await Should.ThrowAsync<BadInputException>(CheckAsync(_prompts.Path, "greter"))).Message.ShouldBe($"There is no prompt 'greter' in {_prompts.Path}; expected one of greeter.");
        (await Should.ThrowAsync<BadInputException>(CheckAsync(_prompts.Path))).Message.ShouldBe($"No prompt in {_prompts.Path} has a dataset; expected dataset.jsonl beside its versions.");
        (await CheckAsync(_prompts.Path, "greeter")).Text.ShouldContain($"{_prompts["greeter/dataset.jsonl"]}: There is no such file; expected a dataset.");
    }

    private static async Task<(int Code, string Text)> CheckAsync(string prompts, params string[] arguments)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = 200;
        var command = DatasetsCommand.Create(console).Parse(["check", .. arguments, "--prompts", prompts]);
        command.Errors.ShouldBeEmpty();
        return (await command.InvokeAsync(new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false }), text.ToString());
    }
}
