using System.Globalization;
using System.Net;
using System.Text;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Endpoints;

/// <summary>LlmOps.Gateway --health, as a container engine calls it.</summary>
public sealed class HealthSwitchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task GatewayThatRuns_IsHealthyUntilItDrains()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("Gateway__Providers__offline__WordDelay", "100ms")).ReadyAsync();
        (string, string)[] same = [("LLM_PORT", Text(gateway.Port))];
        (await AskAsync(same)).ShouldBe((0, ""));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat/stream") { Content = new StringContent("""{"prompt":"Count to 100"}""", Encoding.UTF8, "application/json") };
        using var stream = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        gateway.Terminate();

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable);
        (await AskAsync(same)).ShouldBe((1, $"http://localhost:{gateway.Port}/health/ready says 503: the gateway is starting or stopping.\n"));
    }

    [Fact]
    public async Task DegradedGateway_IsHealthy()
    {
        var redis = Ports.Free();
        await using var gateway = await GatewayProcess.Start(_folder, ("REDIS_URL", $"redis://127.0.0.1:{redis}")).ReadyAsync();
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("\"status\":\"degraded\"");

        (await AskAsync([("LLM_PORT", Text(gateway.Port))])).ShouldBe((0, ""));
    }

    // As an image of ASP.NET has it, as Aspire has it, and as people have it.
    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{0}")]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:{0}")]
    [InlineData("ASPNETCORE_URLS", "http://[::]:{0}")]
    [InlineData("ASPNETCORE_URLS", "https://*:1;http://any-name:{0}")]
    [InlineData("Kestrel__Endpoints__Plain__Url", "http://127.0.0.1:{0}")]
    public async Task Address_IsFoundAsTheGatewayFindsIt(string name, string value)
    {
        await using var ready = new FakeServer(_ => FakeReply.Json(200, """{"status":"ready"}"""));

        (await AskAsync([(name, string.Format(CultureInfo.InvariantCulture, value, ready.BaseAddress.Port))])).ShouldBe((0, ""));

        ready.Requests.ShouldHaveSingleItem().Path.ShouldBe("/health/ready");
    }

    [Fact]
    public async Task GatewayAsAnImageStartsIt_ListensOnItsPortAndRequiresACredential()
    {
        var port = Ports.Free();
        (string, string)[] image = [("ASPNETCORE_HTTP_PORTS", Text(port)), ("Gateway__Data__Folder", Path.Combine(_folder, "data"))];
        await using var gateway = await GatewayProcess.StartWith(_folder, port, image).ReadyAsync();

        (await AskAsync(image)).ShouldBe((0, ""));
        (await gateway.Http.GetAsync("/v1/models")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        gateway.Output.ShouldContain("a credential is required");
    }

    [Fact]
    public async Task SettingsOfTheCommandLine_AndFiles_Count()
    {
        await using var ready = new FakeServer(_ => FakeReply.Json(200, """{"status":"ready"}"""));
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), $"LLM_PORT={ready.BaseAddress.Port}\n");
        (await AskAsync([])).ShouldBe((0, ""));

        (await AskAsync([("LLM_PORT", "1")], "--urls", ready.BaseAddress.ToString())).ShouldBe((0, ""));
        ready.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NobodyThere_IsSaid()
    {
        var port = Ports.Free();

        var (code, why) = await AskAsync([("LLM_PORT", Text(port))]);

        (code, why.Count(character => character == '\n')).ShouldBe((1, 1));
        why.ShouldStartWith($"http://localhost:{port} does not answer: Connection refused");
    }

    [Fact]
    public async Task NoAnswer_IsWaitedForNoLongerThanAHealthCheckDoes()
    {
        await using var silent = new FakeServer(_ => FakeReply.Silence());

        (await AskAsync([("ASPNETCORE_URLS", silent.BaseAddress.ToString())])).ShouldBe((1, $"http://127.0.0.1:{silent.BaseAddress.Port} has not answered within 3 s.\n"));
    }

    [Theory]
    [InlineData("LLM_PORT", "many", "LLM_PORT")]
    [InlineData("LLM_HOST", "my-gatway", "LLM_HOST")]
    [InlineData("ASPNETCORE_URLS", "8080", "ASPNETCORE_URLS")]
    [InlineData("ASPNETCORE_URLS", "https://*:8443", "https://*:8443: expected an http:// address")]
    [InlineData("ASPNETCORE_URLS", "http://*:0", "http://*:0: expected an http:// address with a port")]
    public async Task SettingsThatNameNoAddressToAsk_AreNamed(string name, string value, string named)
    {
        var (code, why) = await AskAsync([(name, value)]);

        (code, why.Count(character => character == '\n')).ShouldBe((1, 1));
        why.ShouldContain(named);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task<(int Code, string Why)> AskAsync((string, string)[] variables, params string[] settings)
    {
        var run = await ProgramRun.OfAsync(GatewayProcess.Command(_folder, variables, [.. settings, "--health"]));
        run.Output.ShouldBeEmpty();
        return (run.ExitCode, run.Errors);
    }
}
