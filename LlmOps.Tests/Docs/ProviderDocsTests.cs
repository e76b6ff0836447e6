using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Docs;

/// <summary>docs/providers.md says what the code does: its tables are generated, its example of a price file is used.</summary>
public sealed class ProviderDocsTests : ProviderTests
{
    [Fact]
    public void ProviderTable_IsThatOfTheCode()
    {
        var table = new StringBuilder("| provider | variable | default model | address | protocol |\n|---|---|---|---|---|\n");
        foreach (var known in KnownProviders.All)
        {
            var variable = known.KeyVariable ?? known.Type switch { ProviderTypes.Ollama => "OLLAMA_HOST", ProviderTypes.Tei => "TEI_URL", _ => null };
            table.Append(CultureInfo.InvariantCulture, $"| {known.Name} | {Code(variable)} | {Code(known.DefaultModel)} | {Code(known.BaseUrl)} | {known.Type} |\n");
        }

        GeneratedDocs.Verify("providers.md", "providers", table.ToString());
    }

    [Fact]
    public void FeatureTable_IsThatOfTheCode()
    {
        var table = new StringBuilder("| what | field | gemini | anthropic | ollama | offline |\n|---|---|---|---|---|---|\n");
        foreach (var feature in ChatFeatures.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {feature.Name} | {feature.Field} |");
            foreach (var type in (string[])[ProviderTypes.Gemini, ProviderTypes.Anthropic, ProviderTypes.Ollama, ProviderTypes.Offline])
            {
                table.Append(CultureInfo.InvariantCulture, $" {feature.At(type) ?? "400"} |");
            }

            table.Append('\n');
        }

        GeneratedDocs.Verify("providers.md", "features", table.ToString());
    }

    [Fact]
    public void PriceTable_IsThatOfTheCode()
    {
        var asOf = ModelCatalogue.BuiltIn.All.First().AsOf;
        var table = new StringBuilder().Append(CultureInfo.InvariantCulture, $"As of {asOf:yyyy-MM-dd}:\n\n| model | provider | its name there | context | most output | input | cached | output | source |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var model in PredefinedModels.All)
        {
            var facts = ModelCatalogue.BuiltIn.Find(model.Provider, model.Model);
            var known = KnownProviders.All.Single(provider => provider.Name == model.Provider);
            var source = new Provider(known.Name, known.Type, null, null, null).PriceSource(facts);
            var price = source == PriceSource.Listed ? new Pricing(facts, source).PriceOn(asOf) : null;
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{model.Name}` | {model.Provider} | `{model.Model}` | {facts?.ContextWindow} | {facts?.MaxOutputTokens} | {price?.Input} | {price?.CachedInput} | {price?.Output} | {(price is null ? source.ToString().ToLowerInvariant() : facts!.Source)} |\n");
        }

        GeneratedDocs.Verify("providers.md", "prices", table.ToString());
    }

    [Fact]
    public async Task ExampleOfAPriceFile_IsUsed()
    {
        var path = Path.GetTempFileName();
        try
        {
            var text = await File.ReadAllTextAsync(Path.Combine(GeneratedDocs.RepositoryRoot(), "docs", "providers.md"));
            var example = Regex.Match(text, "```json\n(\\{\n  \"as_of\".*?)```", RegexOptions.Singleline).Groups[1].Value;
            await File.WriteAllTextAsync(path, example);
            var facts = JsonElement.Parse(example).GetProperty("models")[0];
            Gateway.With("Gateway:Accounting:PriceFile", path);
            AnswerAll(_ => FakeAnswer.Text("Hi") with { Usage = new FakeUsage(1_000_000, 1_000_000) });

            using var response = await Gateway.CompleteAsync($$"""{"model":"{{facts.GetProperty("provider").GetString()}}/{{facts.GetProperty("names")[0].GetString()}}","messages":[{"role":"user","content":"Hi"}]}""");

            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            var price = facts.GetProperty("price");
            var dollars = decimal.Parse(price.GetProperty("input").GetString()!, CultureInfo.InvariantCulture) + decimal.Parse(price.GetProperty("output").GetString()!, CultureInfo.InvariantCulture);
            decimal.Parse(response.Headers.GetValues("X-LlmOps-Cost-USD").Single(), CultureInfo.InvariantCulture).ShouldBe(dollars);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Code(string? text) => text is null ? "" : $"`{text}`";
}
