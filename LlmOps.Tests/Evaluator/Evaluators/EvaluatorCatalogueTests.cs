using LlmOps.Evaluator.Evaluators;

namespace LlmOps.Tests.Evaluator.Evaluators;

public sealed class EvaluatorCatalogueTests
{
    [Fact]
    public Task UnknownType_IsRefusedWithAllThatThereAre() => Scored.IsRefusedAsync("rouge_3", "There is no evaluator rouge_3", "exact, contains,", "rouge_l, chrf");

    [Theory]
    [InlineData("exact:ignorecase=true", "Evaluator exact: ignorecase is not known here; expected ignore_case, normalize, trim, name.")]
    [InlineData("exact:trim=yes,name=same", "Evaluator same (exact): trim is \"yes\"; expected true or false.")]
    [InlineData("latency:of=output", "Evaluator latency: of is not known here; expected name.")]
    public Task MalformedSetting_IsRefusedWithTheEvaluator(string evaluator, string message) => Scored.IsRefusedAsync(evaluator, message);

    [Fact]
    public async Task OrderOfSettings_IsNoOtherFingerprint()
    {
        var one = await Scored.MakeAsync("exact:trim=false,ignore_case=true");
        var same = await Scored.MakeAsync("exact:ignore_case=true,trim=false,name=other");
        var other = await Scored.MakeAsync("exact:ignore_case=true,trim=true");

        one.Fingerprint.ShouldBe(same.Fingerprint);
        one.Fingerprint.ShouldNotBe(other.Fingerprint);
    }

    [Fact]
    public async Task Metric_HasItsSettings()
    {
        var metric = (await Scored.MakeAsync("length:max_words=60,name=short")).Metric;

        (metric.Name, metric.Type, metric.Settings!.Value.GetRawText()).ShouldBe(("short", "length", """{"max_words":60}"""));
    }

    [Fact]
    public void Types_AreThereOnce() => EvaluatorCatalogue.Types.ShouldBeUnique();
}
