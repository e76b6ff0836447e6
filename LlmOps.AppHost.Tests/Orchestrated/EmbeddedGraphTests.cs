using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmOps.AppHost.Tests.Orchestrated;

/// <summary>The embedded profile: orchestrated, and without Docker.</summary>
public sealed class EmbeddedGraphTests
{
    [Fact]
    public async Task EmbeddedProfile_AnswersAndTakesTheCommandsOfTheDashboard()
    {
        var data = Directory.CreateTempSubdirectory("llmops-embedded-");
        Environment.SetEnvironmentVariable(GatewayEnvironment.DataFolder, data.FullName);
        try
        {
            await using var graph = await RunningGraph.StartAsync("--LlmOps:Profile", "embedded");
            await graph.HealthyAsync("gateway");
            using var gateway = await graph.ClientAsync("gateway");

            using var answer = await AskAsync(gateway);
            using var again = await AskAsync(gateway);
            Outcome(answer).ShouldBe("miss");
            Outcome(again).ShouldBe("hit-memory");

            (await graph.CommandAsync("gateway", "clear-cache")).Success.ShouldBeTrue();
            using var afterwards = await AskAsync(gateway);
            Outcome(afterwards).ShouldBe("miss");

            (await graph.CommandAsync("gateway", "switch-label", ("prompt", "summarizer"), ("label", "production"), ("version", "v1"))).Success.ShouldBeTrue();
            (await LabelAsync(gateway)).ShouldBe("v1");
            (await graph.CommandAsync("gateway", "switch-label", ("prompt", "summarizer"), ("label", "production"), ("version", "v99"))).Success.ShouldBeFalse();
            (await LabelAsync(gateway)).ShouldBe("v1");
        }
        finally
        {
            Environment.SetEnvironmentVariable(GatewayEnvironment.DataFolder, null);
            data.Delete(recursive: true);
        }
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient gateway) =>
        gateway.PostAsJsonAsync("/chat", new { prompt = "What is 6 * 7?", model = "offline" });

    private static string Outcome(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response.Headers.GetValues("X-LlmOps-Cache").Single();
    }

    private static async Task<string?> LabelAsync(HttpClient gateway)
    {
        using var run = await gateway.PostAsJsonAsync("/prompts/summarizer/render", new { variables = new { text = "A text." } });
        return (await run.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetString();
    }
}
