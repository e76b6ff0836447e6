using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;

namespace LlmOps.Tests.Accounting;

/// <summary>The built-in catalogue is plausible, and an operator's own file goes before it.</summary>
public sealed class ModelCatalogueTests
{
    [Fact]
    public void Catalogue_IsPlausible()
    {
        foreach (var facts in ModelCatalogue.BuiltIn.All)
        {
            var model = $"{facts.Provider}/{facts.Names[0]}";
            KnownProviders.All.ShouldContain(known => known.Name == facts.Provider, model);
            facts.Source.ShouldNotBeNullOrEmpty(model);
            Uri.IsWellFormedUriString(facts.Source, UriKind.Absolute).ShouldBeTrue(model);
            if (facts.Features?.Contains(ModelFeatures.Embeddings) == true)
            {
                IsPlausibleForEmbeddings(facts, model);
                continue;
            }

            facts.ContextWindow!.Value.ShouldBeInRange(4_096, 10_000_000, model);
            facts.MaxOutputTokens!.Value.ShouldBeInRange(1_024, facts.ContextWindow.Value, model);
            var price = facts.Price.ShouldNotBeNull(model);
            price.Input.ShouldBeInRange(0.001m, 200m, model);
            price.Output.ShouldBeInRange(price.Input, 1_000m, model);
            (price.CachedInput ?? 0).ShouldBeInRange(0, price.Input, model);
            (price.CacheWrite ?? price.Input).ShouldBeGreaterThanOrEqualTo(price.Input, model);
        }
    }

    private static void IsPlausibleForEmbeddings(ModelFacts facts, string model)
    {
        facts.Features.ShouldBe([ModelFeatures.Embeddings], model);
        facts.MaxOutputTokens.ShouldBeNull(model);
        if (facts.Provider != ProviderTypes.Ollama)
        {
            facts.ContextWindow!.Value.ShouldBeInRange(512, 100_000, model);
            facts.Price!.Input.ShouldBeInRange(0.001m, 10m, model);
            facts.Price.Output.ShouldBe(0, model);
        }
    }

    [Fact]
    public void PredefinedModels_HaveTheirFacts()
    {
        foreach (var model in PredefinedModels.All.Where(model => model.Provider is not ("openrouter" or "ollama" or "tei" or "offline")))
        {
            ModelCatalogue.BuiltIn.Find(model.Provider, model.Model).ShouldNotBeNull(model.Name);
        }
    }

    [Fact]
    public void OperatorsFile_AddsAndReplaces()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """
            { "as_of": "2030-01-01", "models": [
              { "provider": "openai", "names": ["gpt-4o"], "price": { "input": "1", "output": 2.5 } },
              { "provider": "mine", "names": ["own-model"], "context_window": 8192, "price": { "input": "0.1", "output": "0.2" } } ] }
            """);
        List<string> faults = [];

        var catalogue = ModelCatalogue.Read(path, "Gateway:Accounting:PriceFile", faults);

        File.Delete(path);
        faults.ShouldBeEmpty();
        catalogue.Find("openai", "GPT-4o")!.Price!.Input.ShouldBe(1m);
        catalogue.Find("openai", "gpt-4o-2024-08-06")!.Price!.Input.ShouldBe(2.5m);
        catalogue.Find("mine", "own-model")!.ContextWindow.ShouldBe(8192);
        catalogue.Find("mine", "own-model")!.AsOf.ShouldBe(new DateOnly(2030, 1, 1));
        catalogue.Find("openai", "o3")!.AsOf.ShouldBe(ModelCatalogue.BuiltIn.Find("openai", "o3")!.AsOf);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"models":[]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[{"provider":"x","names":["y"],"prize":{}}]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[null]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[{"provider":"x","names":[null]}]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[{"provider":"x","names":[]}]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[{"provider":"x","names":["y"],"price":{"input":-1,"output":1}}]}""")]
    [InlineData("""{"as_of":"2030-01-01","models":[{"provider":"x","names":["y"],"price":{"input":1,"output":1e20}}]}""")]
    public void FaultyFile_IsAFaultThatNamesTheSetting(string text)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        List<string> faults = [];

        ModelCatalogue.Read(path, "Gateway:Accounting:PriceFile", faults).ShouldBeSameAs(ModelCatalogue.BuiltIn);

        File.Delete(path);
        faults.Single().ShouldStartWith($"Gateway:Accounting:PriceFile is '{path}'");
    }

    [Fact]
    public void MissingFile_IsAFault()
    {
        List<string> faults = [];

        ModelCatalogue.Read("/no/such/file.json", "Gateway:Accounting:PriceFile", faults);

        faults.ShouldHaveSingleItem();
    }

    [Fact]
    public void PriceOfADay_IsTheLatestThatHasBegun()
    {
        var catalogue = Read("""
            {"as_of":"2026-11-01","models":[
              {"provider":"openai","names":["gpt-4o"],"from":"2027-03-01","price":{"input":"3","output":"3"},"until":"2027-04-30"},
              {"provider":"openai","names":["gpt-4o"],"from":"2027-01-01","price":{"input":"1","output":"1"}},
              {"provider":"vllm","names":["mine"],"from":"2027-01-01","price":{"input":"7","output":"7"}}]}
            """);
        var known = new Pricing(catalogue.Find("openai", "gpt-4o"), PriceSource.Listed);
        var added = new Pricing(catalogue.Find("vllm", "mine"), PriceSource.Listed);

        known.PriceOn(new DateOnly(2026, 12, 31))!.Input.ShouldBe(2.50m);
        known.PriceOn(new DateOnly(2027, 1, 1))!.Input.ShouldBe(1);
        known.PriceOn(new DateOnly(2027, 2, 28))!.Input.ShouldBe(1);
        known.PriceOn(new DateOnly(2027, 3, 1))!.Input.ShouldBe(3);
        known.PriceOn(new DateOnly(2027, 5, 1)).ShouldBeNull();
        known.SourceOn(new DateOnly(2027, 5, 1)).ShouldBe(PriceSource.Unpriced);
        known.Facts!.ContextWindow.ShouldBe(128_000);
        added.PriceOn(new DateOnly(2026, 12, 31)).ShouldBeNull();
        added.PriceOn(new DateOnly(2027, 1, 1))!.Output.ShouldBe(7);
    }

    [Fact]
    public void PriceThatEndsBeforeItBegins_IsAFault()
    {
        var faults = new List<string>();
        Read("""{"as_of":"2026-11-01","models":[{"provider":"openai","names":["gpt-4o"],"from":"2027-03-01","until":"2027-02-01","price":{"input":"3","output":"3"}}]}""", faults);

        faults.Single().ShouldContain("models[0].from is after its until");
    }

    private static ModelCatalogue Read(string json, List<string>? faults = null)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, json);
        var told = faults ?? [];
        var catalogue = ModelCatalogue.Read(path, "key", told);
        File.Delete(path);
        (faults is null ? told : []).ShouldBeEmpty();
        return catalogue;
    }
}
