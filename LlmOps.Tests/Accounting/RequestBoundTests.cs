using System.Text;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Endpoints;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Accounting;

/// <summary>What is reserved for a request is never less than what it can cost.</summary>
public sealed class RequestBoundTests
{
    [Fact]
    public void PlainChat_IsNotLookedInto_AndHasItsBytes()
    {
        var body = Encoding.UTF8.GetBytes("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""");

        RequestSize.Of(JsonBody.Checked(body)).ShouldBe(new RequestSize(body.Length));
    }

    [Theory]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"https://x/y.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]}]}""", 2, 0)]
    [InlineData("""{"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}]},{"content":[{"type":"file","file":{"file_data":"AAAA"}}]}]}""", 0, 2)]
    [InlineData("""{"messages":[{"content":[{"type":"im\u0061ge_url","image_url":{"url":"https://x/y.png"}}]}]}""", 1, 0)]
    [InlineData("""{"messages":[{"content":[{"type":"video_url","video_url":{"url":"https://x/y"}}]}]}""", 0, 1)]
    public void MediaParts_CountByTheirKind_NotByTheirBytes(string json, int images, int files)
    {
        var size = SizeOf(json);

        (size.Images, size.Files).ShouldBe((images, files));
        size.TextBytes.ShouldBeLessThan(json.Length);
        size.MostTokens(null).ShouldBe(size.TextBytes + RequestSize.FrameTokens + (images * RequestSize.ImageTokens) + (files * RequestSize.FileTokens));
        size.MostTokens(100_000).ShouldBeLessThanOrEqualTo(100_000);
    }

    [Fact]
    public void Choices_ToolsAndSearches_AreSeen()
    {
        SizeOf("""{"n":3,"messages":[]}""").Choices.ShouldBe(3);
        SizeOf("""{"\u006e":3,"messages":[]}""").Choices.ShouldBe(3);
        SizeOf("""{"messages":[],"tools":[{"type":"function","function":{"name":"f"}}]}""").ShouldSatisfyAllConditions(size => size.HasTools.ShouldBeTrue(), size => size.MaySearch.ShouldBeFalse());
        SizeOf("""{"messages":[],"tools":[{"type":"google_search"}]}""").MaySearch.ShouldBeTrue();
        SizeOf("""{"messages":[],"web_search_options":{}}""").MaySearch.ShouldBeTrue();
    }

    [Fact]
    public void ContextWindow_HoldsForEachTextOfABatch_NotForAllOfThem()
    {
        new RequestSize(100_000).MostTokens(8192).ShouldBe(8192);
        (new RequestSize(100_000) { EmbedsOnly = true }).MostTokens(8192).ShouldBe(100_000 + RequestSize.FrameTokens);
    }

    [Fact]
    public void DearestPrices_AreTaken()
    {
        var price = new ModelPrice(Input: 3m, Output: 15m, CacheWrite: 3.75m, Reasoning: 20m, LongContext: new LongContextPrice(1_000, 6m, 22.5m));
        var tiered = price with { ServiceTiers = new Dictionary<string, ModelPrice> { ["priority"] = new(9m, 30m), ["flex"] = new(1m, 2m) } };

        Bound(price, new RequestSize(936), 100).ShouldBe((1_000 * 3.75m) + (100 * 20m));
        Bound(price, new RequestSize(937), 100).ShouldBe((1_001 * 6m) + (100 * 22.5m));
        Bound(tiered, new RequestSize(936), 100).ShouldBe((1_000 * 9m) + (100 * 30m));
        Bound(price, new RequestSize(936) { Choices = 4 }, 100).ShouldBe((1_000 * 3.75m) + (400 * 20m));
        Bound(price, new RequestSize(936) { EmbedsOnly = true }, 100).ShouldBe(1_000 * 3.75m);
        Bound(price, new RequestSize(936), null).ShouldBe((1_000 * 3.75m) + (Pricing.UnknownMaxOutput * 20m));
    }

    [Fact]
    public void BoundIsNeverBelowTheCost()
    {
        var random = new Random(8);
        foreach (var facts in ModelCatalogue.BuiltIn.All.Where(facts => facts.Price is not null && facts.MaxOutputTokens is not null))
        {
            var pricing = new Pricing(facts, PriceSource.Listed);
            for (var round = 0; round < 20; round++)
            {
                var request = FakeRequests.Bare();
                request.Size = new RequestSize(random.Next(1, 2_000_000));
                request.MaxTokens = random.Next(1, facts.MaxOutputTokens!.Value);
                var usage = new UsageDetails { InputTokenCount = random.NextInt64(0, request.Size.MostTokens(facts.ContextWindow) + 1), OutputTokenCount = random.Next(0, request.MaxTokens.Value + 1) };
                usage.CachedInputTokenCount = random.NextInt64(0, usage.InputTokenCount.Value + 1);
                usage.ReasoningTokenCount = random.NextInt64(0, usage.OutputTokenCount.Value + 1);

                pricing.Bound(request)!.Value.Value.ShouldBeGreaterThanOrEqualTo(pricing.Of(usage, null, request.Day)!.Value.Value, facts.Names[0]);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(null)]
    public void EstimateOfAnAnswer_IsNeverAboveTheBound(int? maxTokens)
    {
        var request = FakeRequests.Bare();
        (request.Size, request.MaxTokens) = (new RequestSize(100), maxTokens);
        using var attempt = FakeRequests.Attempt(request);
        attempt.Note(new ChatResponseUpdate(ChatRole.Assistant, new string('x', 1_000_000)));
        attempt.HasContent();
        attempt.Failed(new InvalidOperationException("broken"));

        attempt.Taken.OutputTokens.ShouldBe(maxTokens ?? Pricing.UnknownMaxOutput);
        attempt.Cost!.Value.Value.ShouldBeLessThanOrEqualTo(attempt.Bound.Value);
    }

    private static RequestSize SizeOf(string json) => RequestSize.Of(JsonBody.Parse(Encoding.UTF8.GetBytes(json)));

    // In millionths of a dollar.
    private static decimal Bound(ModelPrice price, RequestSize size, int? maxTokens)
    {
        var request = FakeRequests.Bare();
        (request.Size, request.MaxTokens) = (size, maxTokens);
        return new Pricing(new ModelFacts("p", ["m"], Price: price), PriceSource.Listed).Bound(request)!.Value.Value / 1000m;
    }
}
