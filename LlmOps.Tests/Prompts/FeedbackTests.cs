using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access;

namespace LlmOps.Tests.Prompts;

/// <summary>POST /feedback: a caller scores an answer of its own.</summary>
public sealed class FeedbackTests : PromptGatewayTests
{
    private const string Experiment = """{"name":"warmer","prompt":"greeter","unit":"user","state":"running","variants":[{"version":"v1"},{"version":"v2"}]}""";

    public FeedbackTests() => WriteGreeter(1, 2);

    [Fact]
    public async Task Feedback_IsOfTheCallersOwnNewestRequest()
    {
        await Gateway.AdministerAsync("POST", "/admin/experiments", Experiment, HttpStatusCode.Created);
        await GreetAsync(",\"user\":\"u1\"", ("X-Request-ID", "r-1"));
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"other"}""");

        using var mine = await Gateway.PostAsync("/feedback", """{"request_id":"r-1","score":0.5,"comment":"fine"}""");
        using var again = await Gateway.PostAsync("/feedback", """{"request_id":"r-1","score":1}""");
        using var others = await Gateway.SendAsync("POST", "/feedback", key, """{"request_id":"r-1","score":0}""");

        mine.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonElement.Parse(await again.Content.ReadAsStringAsync()).GetProperty("experiment").GetString().ShouldBe("warmer");
        others.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var scores = (await Gateway.AdministerAsync("GET", "/admin/experiments/warmer")).GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("feedback")).Single(scores => scores.GetProperty("count").GetInt32() > 0);
        (scores.GetProperty("count").GetInt32(), scores.GetProperty("mean").GetDouble(), scores.GetProperty("is_proportion").GetBoolean()).ShouldBe((1, 1, true));
    }

    [Theory]
    [InlineData("""{"score":1}""", "request_id")]
    [InlineData("""{"request_id":"r"}""", "score")]
    [InlineData("""{"request_id":"r","score":"good"}""", "score")]
    [InlineData("""{"request_id":"r","score":1e999}""", "score")]
    [InlineData("""{"request_id":"r","score":1,"name":"a b"}""", "name")]
    [InlineData("""{"request_id":"r","score":1,"stars":5}""", "stars")]
    [InlineData("""{"request_id":"r\u0000","score":1}""", "request_id")]
    [InlineData("""{"request_id":"r","score":1,"comment":"\u0000"}""", "comment")]
    public async Task BadFeedback_IsRefusedAndNamed(string body, string field)
    {
        var (status, _, told, _) = await Gateway.RefusalAsync("POST", "/feedback", body);

        (status, told).ShouldBe((400, field));
    }

    [Fact]
    public async Task ScoresUnderTooManyNames_AreRefused()
    {
        await GreetAsync("", ("X-Request-ID", "r-1"));
        for (var name = 0; name < 20; name++)
        {
            using var taken = await Gateway.PostAsync("/feedback", $$"""{"request_id":"r-1","score":1,"name":"n{{name}}"}""");
            taken.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var (status, _, field, _) = await Gateway.RefusalAsync("POST", "/feedback", """{"request_id":"r-1","score":1,"name":"another"}""");
        using var asAdministrator = await Gateway.PostAsync("/feedback", """{"request_id":"r-1","score":0,"name":"another"}""");
        using var replaced = await Gateway.PostAsync("/feedback", """{"request_id":"r-1","score":0,"name":"n7"}""");

        (status, field).ShouldBe((404, "request_id"), "it is not the administrator's request");
        asAdministrator.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        replaced.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
