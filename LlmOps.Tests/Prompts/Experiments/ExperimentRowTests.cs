using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Tests.Prompts.Experiments;

/// <summary>Experiments are read as they are written, as JSON and as rows.</summary>
public sealed class ExperimentRowTests
{
    private const string Complete = """
        {"name":"tone","prompt":"greeter","description":"Is \"kind\" better? Ünd?","unit":"session","salt":"pep\\per","share":0.1,"state":"paused","guard":{"error_rate":0.02,"cost_usd":1e-7,"feedback":0},
        "variants":[{"version":"v1","weight":0.3},{"name":"kind","version":"v2","weight":2,"model":"m","parameters":{"temperature":0.7,"max_tokens":5,"stop":["a"]}}]}
        """;

    [Theory]
    [InlineData(Complete)]
    [InlineData("""{"name":"tone","prompt":"greeter","variants":[{"version":"v1"},{"version":"v2"}]}""")]
    [InlineData("""{"name":"tone","prompt":"greeter","guard":{},"share":0,"variants":[{"version":"v1"},{"version":"v2"}]}""")]
    public void Definition_IsReadAsItIsWritten(string json)
    {
        var definition = ExperimentJson.Read(json);

        var again = ExperimentJson.Read(ExperimentJson.Of(definition));

        (again.Name, again.Prompt, again.Description, again.Unit, again.Salt, again.Share, again.State)
            .ShouldBe((definition.Name, definition.Prompt, definition.Description, definition.Unit, definition.Salt, definition.Share, definition.State));
        again.Guard.ShouldBe(definition.Guard, ignoreOrder: true);
        again.Variants.Select(variant => variant.ToJson()).ShouldBe(definition.Variants.Select(variant => variant.ToJson()));
        again.Compares(definition).ShouldBeTrue();
        ExperimentJson.Of(again).ShouldBe(ExperimentJson.Of(definition));
    }

    [Fact]
    public void Json_HasAllFieldsInOneOrder() => ExperimentJson.Of(ExperimentJson.Read(
        """{"variants":[{"parameters":{"seed":1,"max_tokens":5},"version":"v1"},{"version":"v2"}],"guard":{"feedback":1,"error_rate":0.5},"prompt":"greeter","name":"tone"}""")).ShouldBe(
        """{"name":"tone","prompt":"greeter","unit":"request","salt":"tone","share":1,"state":"draft","guard":{"error_rate":0.5,"feedback":1},"variants":[{"name":"v1","version":"v1","weight":1,"parameters":{"max_tokens":5,"seed":1}},{"name":"v2","version":"v2","weight":1}]}""");

    [Theory]
    [InlineData("\"share\":0.5,", true)]
    [InlineData("\"state\":\"running\",", true)]
    [InlineData("\"guard\":{\"tokens\":1},", true)]
    [InlineData("\"description\":\"x\",", true)]
    [InlineData("\"salt\":\"x\",", false)]
    [InlineData("\"unit\":\"user\",", false)]
    public void Comparison_IsTheSameWhateverCanChange(string more, bool isSame) => TestedPrompts.Definition().Compares(TestedPrompts.Definition(more)).ShouldBe(isSame);

    [Theory]
    [InlineData("""{"version":"v1"},{"version":"v2"}""", true)]
    [InlineData("""{"version":"v1","name":"v1","weight":1.0},{"version":"v2","parameters":{}}""", true)]
    [InlineData("""{"version":"v2"},{"version":"v1"}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v3"}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v2","name":"x"}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v2","weight":2}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v2","model":"m"}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v2","parameters":{"seed":1}}""", false)]
    [InlineData("""{"version":"v1"},{"version":"v2"},{"version":"v3"}""", false)]
    public void Comparison_IsAnotherOfOtherVariants(string variants, bool isSame) => TestedPrompts.Definition().Compares(TestedPrompts.Definition(variants: variants)).ShouldBe(isSame);

    [Fact]
    public void Row_IsReadAsItIsWritten()
    {
        var experiment = Experiment.New(ExperimentJson.Read(Complete), MoveSource.File, Time(1)) with
        {
            State = ExperimentState.Decided,
            Share = 0.7,
            Guard = new Dictionary<Measure, double> { [Measure.Feedback] = 0.25 },
            PausedVariants = ["kind"],
            Winner = "v1",
            StartedAt = Time(2),
            EndedAt = Time(3),
        };

        var again = Experiment.Of(experiment.ToRow());

        (again.Name, again.State, again.Share, again.Winner, again.Source, again.CreatedAt, again.StartedAt, again.EndedAt)
            .ShouldBe(("tone", ExperimentState.Decided, 0.7, "v1", MoveSource.File, Time(1), Time(2), Time(3)));
        again.Guard.ShouldBe(experiment.Guard);
        again.PausedVariants.ShouldBe(["kind"]);
        again.Definition.Compares(experiment.Definition).ShouldBeTrue();
        again.ToRow().ShouldBe(experiment.ToRow());
    }

    [Fact]
    public void NewExperiment_IsADraftAsItsDefinitionSays()
    {
        var experiment = Experiment.New(TestedPrompts.Definition("\"share\":0.5,\"state\":\"running\",\"guard\":{\"tokens\":1},"), MoveSource.Api, Time(1));

        (experiment.State, experiment.Share, experiment.Winner, experiment.StartedAt, experiment.EndedAt).ShouldBe((ExperimentState.Draft, 0.5, null, null, null));
        experiment.Guard.ShouldBe(new Dictionary<Measure, double> { [Measure.Tokens] = 1 });
        experiment.PausedVariants.ShouldBeEmpty();
        Experiment.Of(experiment.ToRow()).ToRow().ShouldBe(experiment.ToRow());
    }

    [Theory]
    [InlineData("definition", "")]
    [InlineData("definition", "null")]
    [InlineData("definition", """{"name":"tone"}""")]
    [InlineData("definition", """{"name":"tone","prompt":"greeter","new_field":1,"variants":[{"version":"v1"},{"version":"v2"}]}""")]
    [InlineData("state", "")]
    [InlineData("state", "lost")]
    [InlineData("guard", "")]
    [InlineData("guard", "null")]
    [InlineData("guard", "[]")]
    [InlineData("guard", """{"speed":1}""")]
    [InlineData("paused", "")]
    [InlineData("paused", "null")]
    [InlineData("paused", "[1]")]
    [InlineData("created", "")]
    public void DamagedRow_CannotBeUnderstood(string column, string value)
    {
        var row = TestedPrompts.Running().ToRow();
        row = column switch
        {
            "definition" => row with { Definition = value },
            "state" => row with { State = value },
            "guard" => row with { Guard = value },
            "paused" => row with { PausedVariants = value },
            _ => row with { CreatedAt = long.MaxValue },
        };

        Should.Throw<FormatException>(() => Experiment.Of(row)).Message.ShouldStartWith("Experiment tone cannot be understood: ");
    }

    [Fact]
    public void Measures_AreReadAsTheyAreWritten()
    {
        MeasureNames.All.ShouldBe(["error_rate", "latency_ms", "tokens", "cost_usd", "feedback"]);
        foreach (var measure in Enum.GetValues<Measure>())
        {
            MeasureNames.Parse(measure.NameOf()).ShouldBe(measure);
            measure.IsBetterHigher().ShouldBe(measure == Measure.Feedback);
        }

        MeasureNames.Parse("ErrorRate").ShouldBeNull();
    }

    private static DateTimeOffset Time(int seconds) => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + seconds);
}
