using System.Net;
using System.Text.Json;

namespace LlmOps.Tests.Configuration;

/// <summary>A change of appsettings.json is taken as a whole, or refused as a whole and shown.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private string Settings => Path.Combine(_folder, "appsettings.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ValidChange_IsTaken()
    {
        await using var gateway = await StartAsync(Model("before"));
        (await ModelsAsync(gateway)).ShouldContain("before");

        await File.WriteAllTextAsync(Settings, Model("after"));

        await Conditions.HoldsAsync(async () => (await ModelsAsync(gateway)).Contains("after"));
        (await ModelsAsync(gateway)).ShouldNotContain("before");
    }

    [Theory]
    [InlineData("""{ "Gateway": { "Models": { "x": { "Targets": [ { "Provider": "nobody", "Model": "m" } ] } } } }""", "nobody")]
    [InlineData("""{ "Gateway": """, "not valid JSON")]
    [InlineData("""{ "Gateway": { "Endpoints": { "DefaultTemperature": "hot" } } }""", "DefaultTemperature")]
    public async Task InvalidChange_IsRefusedShownAndMended(string settings, string fault)
    {
        await using var gateway = await StartAsync(Model("before"));

        await File.WriteAllTextAsync(Settings, settings);

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/health")).Contains("refused", StringComparison.Ordinal));
        var health = JsonElement.Parse(await gateway.Http.GetStringAsync("/health"));
        health.GetProperty("status").GetString().ShouldBe("degraded");
        (await ModelsAsync(gateway)).ShouldContain("before");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/configuration");
        request.Headers.Authorization = new("Bearer", "sk-1");
        (await (await gateway.Http.SendAsync(request)).Content.ReadAsStringAsync()).ShouldContain(fault);
        await Conditions.HoldsAsync(() => Task.FromResult(gateway.Output.Contains("refused", StringComparison.Ordinal)));

        await File.WriteAllTextAsync(Settings, Model("mended"));

        await Conditions.HoldsAsync(async () => (await ModelsAsync(gateway)).Contains("mended"));
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("\"healthy\"");
    }

    [Fact]
    public async Task DeletedFile_KeepsItsSettingsInForce()
    {
        await using var gateway = await StartAsync("""{ "Gateway": { "Access": { "Mode": "Required" } } }""");

        File.Delete(Settings);

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/health")).Contains("refused", StringComparison.Ordinal));
        (await gateway.Http.GetAsync("/v1/models")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task RequestInFlight_EndsUnderTheConfigurationItBeganWith()
    {
        await using var gateway = await StartAsync("""{ "Gateway": { "Providers": { "offline": { "WordDelay": "100ms" } } } }""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat/stream") { Content = new StringContent("""{"prompt":"Count to 20"}""", null, "application/json") };
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var before = response.Headers.GetValues("X-LlmOps-Config").Single();

        await File.WriteAllTextAsync(Settings, Model("after"));

        await Conditions.HoldsAsync(async () => (await ModelsAsync(gateway)).Contains("after"));
        (await response.Content.ReadAsStringAsync()).ShouldEndWith("20");
        var next = await gateway.Http.PostAsync("/chat", new StringContent("""{"prompt":"x"}""", null, "application/json"));
        next.StatusCode.ShouldBe(HttpStatusCode.OK);
        next.Headers.GetValues("X-LlmOps-Config").Single().ShouldNotBe(before);
    }

    // Texts in which nothing was found are not looked at again, as long as the rules are the same.
    [Fact]
    public async Task BlockedWord_IsFoundInTextsThatWereCleanBeforeIt()
    {
        await using var gateway = await StartAsync("""{ "Gateway": { } }""");
        var prompt = string.Concat(Enumerable.Repeat("The harbour was quiet when the ferry arrived. ", 20));
        async Task<HttpStatusCode> AskAsync() => (await gateway.Http.PostAsync("/chat", new StringContent($$"""{"prompt":"{{prompt}}"}""", null, "application/json"))).StatusCode;
        (await AskAsync()).ShouldBe(HttpStatusCode.OK);

        await File.WriteAllTextAsync(Settings, """{ "Gateway": { "Guardrails": { "BlockedWordList": [ "ferry" ] } } }""");

        await Conditions.HoldsAsync(async () => await AskAsync() == HttpStatusCode.BadRequest);
    }

    private async Task<GatewayProcess> StartAsync(string settings)
    {
        await File.WriteAllTextAsync(Settings, settings);
        return await GatewayProcess.Start(_folder, ("LLMOPS_ADMIN_KEY", "sk-1")).ReadyAsync();
    }

    private static string Model(string name) =>
        $$"""{ "Gateway": { "Models": { "{{name}}": { "Targets": [ { "Provider": "offline", "Model": "offline" } ] } } } }""";

    private static async Task<IReadOnlyList<string>> ModelsAsync(GatewayProcess gateway) =>
        [.. JsonElement.Parse(await gateway.Http.GetStringAsync("/v1/models")).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)];
}
