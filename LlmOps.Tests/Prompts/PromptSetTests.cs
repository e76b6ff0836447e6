using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Tests.Prompts;

/// <summary>What is in force, made of what the folder, the environment and the database say.</summary>
public sealed class PromptSetTests
{
    private static readonly Dictionary<string, int> NoProduction = [];

    [Fact]
    public void Labels_NameWhatTheDatabaseSaysElseTheEnvironmentElseTheFile()
    {
        var files = TestedPrompts.Files("greeter", 1, 2, 3) with
        {
            Labels = new Dictionary<string, (int, int?)> { ["production"] = (1, 1), ["staging"] = (2, 2), ["beta"] = (2, 3) },
        };

        var before = PromptSet.Build(TestedPrompts.Folder(files), PromptRows.Empty, NoProduction, PromptSet.Empty);
        var started = PromptSet.Build(TestedPrompts.Folder(files), PromptRows.Empty, new Dictionary<string, int> { ["greeter"] = 2 }, PromptSet.Empty);
        var told = PromptSet.Build(TestedPrompts.Folder(files), TestedPrompts.Rows(("production", 3), ("beta", 1)), new Dictionary<string, int> { ["greeter"] = 2 }, PromptSet.Empty);

        LabelsOf(before).ShouldBe(["beta v2", "production v1", "staging v2"]);
        LabelsOf(started).ShouldBe(["beta v2", "production v2", "staging v2"]);
        LabelsOf(told).ShouldBe(["beta v1", "production v3", "staging v2"]);
        (before.Faults.Count, started.Faults.Count, told.Faults.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void LabelsOfOtherPrompts_AreTheirs()
    {
        var set = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1), TestedPrompts.Files("other", 1)), TestedPrompts.Rows(("production", 1)), NoProduction, PromptSet.Empty);

        LabelsOf(set).ShouldBe(["production v1"]);
        set.Prompts["other"].Labels.ShouldBeEmpty();
    }

    [Fact]
    public void LabelWhoseVersionIsGone_GoesOnNamingItWithAFault()
    {
        var rows = TestedPrompts.Rows(("production", 2));
        var before = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1, 2)), rows, NoProduction, PromptSet.Empty);

        var after = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1)), rows, NoProduction, before);
        var later = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1)), rows, NoProduction, after);
        var mended = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1, 2)), rows, NoProduction, later);

        later.Prompts["greeter"].Production.ShouldBeSameAs(before.Prompts["greeter"].Versions[2]);
        later.Prompts["greeter"].Versions.Keys.ShouldBe([1]);
        later.Faults.ShouldHaveSingleItem().ToString().ShouldBe("Label production of prompt greeter names v2, which is not there; v2 goes on.");
        mended.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void LabelWhoseVersionWasNeverThere_NamesNothingWithAFault()
    {
        var set = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1)), TestedPrompts.Rows(("production", 2)), NoProduction, PromptSet.Empty);

        set.Prompts["greeter"].Labels["production"].ShouldBeNull();
        var fault = set.Faults.ShouldHaveSingleItem();
        fault.Prompt.ShouldBe("greeter");
        fault.Reason.ShouldBe("Label production of prompt greeter names v2, which is not there; requests for it fail.");
    }

    [Fact]
    public void TextThatIsAnotherThanItWasFirst_IsFlagged()
    {
        var files = TestedPrompts.Files("greeter", 1, 2, 3);
        var rows = PromptRows.Empty with { Texts = [Text(1, files.Versions[1].ContentHash), Text(2, "another"), Text(9, "gone")] };

        var set = PromptSet.Build(TestedPrompts.Folder(files), rows, NoProduction, PromptSet.Empty);

        set.Prompts["greeter"].Changed.ShouldBe([2]);
        set.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void FaultsOfTheFolder_AreTheFirstOnes()
    {
        var fault = new PromptFault("greeter", "greeter/v2.yaml", 3, "x");

        PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1)) with { Faults = [fault] }, TestedPrompts.Rows(("production", 2)), NoProduction, PromptSet.Empty)
            .Faults.ShouldSatisfyAllConditions(faults => faults.Count.ShouldBe(2), faults => faults[0].ShouldBe(fault));
    }

    [Theory]
    [InlineData("definition")]
    [InlineData("state")]
    [InlineData("guard")]
    [InlineData("paused")]
    public void DamagedExperiment_IsAFaultAndNothingElse(string damage)
    {
        var row = TestedPrompts.Running().ToRow() with { Name = "broken" };
        row = damage switch
        {
            "definition" => row with { Definition = "{" },
            "state" => row with { State = "lost" },
            "guard" => row with { Guard = "null" },
            _ => row with { PausedVariants = "{}" },
        };

        var set = PromptSet.Build(
            TestedPrompts.Folder(TestedPrompts.Files("greeter", 1, 2)), TestedPrompts.Rows(("production", 1)) with { Experiments = [row, TestedPrompts.Running().ToRow()] }, NoProduction, PromptSet.Empty);

        set.Faults.ShouldHaveSingleItem().Reason.ShouldStartWith("Experiment broken cannot be understood: ");
        set.Experiments.Keys.ShouldBe(["tone"]);
        set.Prompts["greeter"].Experiment!.Name.ShouldBe("tone");
        LabelsOf(set).ShouldBe(["production v1"]);
    }

    [Theory]
    [InlineData(nameof(ExperimentState.Draft), false)]
    [InlineData(nameof(ExperimentState.Running), true)]
    [InlineData(nameof(ExperimentState.Paused), false)]
    [InlineData(nameof(ExperimentState.Decided), false)]
    public void ExperimentThatRuns_IsInForce(string state, bool isInForce)
    {
        var row = (TestedPrompts.Running() with { State = Enum.Parse<ExperimentState>(state) }).ToRow();

        var set = PromptSet.Build(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1, 2), TestedPrompts.Files("other", 1)), PromptRows.Empty with { Experiments = [row] }, NoProduction, PromptSet.Empty);

        set.Experiments["tone"].State.ToString().ShouldBe(state);
        (set.Prompts["greeter"].Experiment is not null).ShouldBe(isInForce);
        set.Prompts["other"].Experiment.ShouldBeNull();
    }

    [Fact]
    public void VariantWhoseVersionIsNotThere_IsAFault()
    {
        var set = PromptSet.Build(
            TestedPrompts.Folder(TestedPrompts.Files("greeter", 1)), PromptRows.Empty with { Experiments = [TestedPrompts.Running().ToRow()] }, NoProduction, PromptSet.Empty);

        set.Faults.ShouldHaveSingleItem().Reason.ShouldBe("Variant v2 of experiment tone is of v2, which is not there; nobody sees it.");
    }

    private static IEnumerable<string> LabelsOf(PromptSet set) =>
        set.Prompts["greeter"].Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key} {label.Value?.Name}");

    private static TextRow Text(int version, string hash) => new() { Prompt = "greeter", Version = version, ContentHash = hash, FirstSeenAt = 0 };
}
